//! Words that announce a number or a name, in the languages of headers. Folded, separated by blanks.

use rustc_hash::FxHashSet;
use std::sync::OnceLock;

/// What announces the number of a person or a visit, even a short one: hospital, insurance and national numbers.
const ID_WORDS: &str = "
mrn id ids pid patid acc accession acn accno ipp nip nir nhc nhs dni nie nss cf ssn secu fallnr patnr
fall fallnummer patientennummer cartella dossier hn hospno insurance svnr cpf bsn pesel cip tis ik
matricule passport pass visum chart folder hospital npi urn chi aadhaar medicare medicaid ahv cnp nric
curp nif kvnr versichertennr versichertennummer prontuario personnummer taj tck tckn kimlik egn егн oib
jmbg јмбг emso hetu henkilotunnus cpr fnr dnr fodselsnr fodselsnummer personnr personnumer ppnr
rodne amka αμκα afm αφμ инн снилс омс дмс полис паспорт рнокпп ипн унзр niss rijksregister rrn svn
kvn ppsn ihi umrn hcn ohip phn ramq uhid abha teudat zehut qid iqama mykad nik bpjs philhealth nhi
isikukood asmens personas nuhsa nass nuss cuil cuit rut sns rfc cedula nui nuip carteira
utente tessera codfisc nosologico nda iep ndos numsecu gkv pkv egk lanr bsnr uzovi agb hsa patnummer
patientnr pasientnr potilasnumero patientnummer patientnumber patientno patno hospitalno hospnr chartno
fileno regno labno aufnahmenr aufnahmenummer anforderungsnr auftragsnr auftragsnummer fallid versnr
versicherungsnummer sozialversicherungsnummer patientennr polisnummer polisnr zorgnummer journalnr
journalnummer remissnr saksnr episodio expediente historia encounter visite sejour история иб
амб анамнез хронология protokolno dosyano basvuru torzsszam naplosorszam naploszam 身份证 身份证号 住院号 门诊号 病历号
病案号 检查号 医保卡号 医保号 影像号 登记号 患者番号 患者 患者id カルテ番号 保険証番号 受付番号 診察券番号 整理番号 등록번호 환자번호 차트번호 주민번호 주민등록번호 외국인등록번호
병록번호 접수번호 claim policy member invoice ticket
ksiegi ksiega inmate prisoner detainee offender eircode emirates acct account badge kontonr
";

/// What announces a telephone number.
const PHONE_WORDS: &str = "
tel phone telephone telefon telefono telefoon tlf tfno tfn fax mobile mobil portable handy gsm cell
movil cel celular ext poste pager pgr bpr beeper bleep call ph fon rufnummer bip dect whatsapp viber tlfn
tele telf telef cellulare telemovel telemóvel contacto mobiltelefon mobilnr puh puhelin kom komorka
telefonszam telefonnummer telefonnr cep gsmnr тел телефон моб сот τηλ κιν 电话 電話 手机 携帯 전화 휴대폰 연락처
";

/// Roles, relatives and labels: with a colon or an equals sign what follows is a name.
const ROLES: &str = "
patient patiente pat pt paciente paziente name nom nombre nome prenom vorname nachname familienname
firstname lastname surname forename cognome apellido apellidos naam namn operateur operatrice operator
operador operatore op tech technologist technician rtech technicien manip manipulateur manipulatrice
mtra mta mtr radiologist radiologue radiologe radiologo physician arzt aerztin arztin medecin medico
referrer referring ref prescripteur author by par von por da reader reviewer user subject sujet proband
probandin volunteer contact mother father husband wife nurse initials signed investigator pi tutor
anesthetist requested requesting befundet performed reported supervisor consultant person for fur pour
responsible attending resident fellow laborant laborantka radiograf radiographer sjukskoterska
rontgensjukskoterska lakare laege lege lekarz lekar laakari hoitaja hekim teknisyen tecnico tecnica
assistent assistente zuweiser uberweiser einweiser aanvrager verwijzer solicitante richiedente demandeur
remittent bestiller pacient pacientka pacjent pacjentka potilas hasta probandka врач пациент пациентка
ασθενης ιατρος rn checked verified approved dictated transcribed attn entered booked ordered
stationsarzt oberarzt oberarztin chefarzt assistenzarzt hausarzt facharzt stationsarztin hausarztin
radiologin radiograaf radiolog befunder untersucher untersucherin bearbeiter sachbearbeiter
ansprechpartner radiologa medica remitente informado realizado esecutore refertante inviante compilatore
laborante radiografo anestesista medecins realise valide interprete secretaire uitvoerder behandelaar
huisarts remitterande utfort lakaren sykepleier henviser henvisende
elektroradiolog pielegniarka radiolozka operatorka zdravotni lekarka sestra operater lijecnik ljecnik
asszisztens orvos kezelo beutalo isteyen ceken doktor hemsire teknisyeni hastanin adi soyadi оператор
лаборант рентгенлаборант рентгенолаборант исполнитель заведующий фио фамилия имя отчество хирург
невролог χειριστης τεχνολογος ακτινολογος ονομα επωνυμο mutter vater ehemann ehefrau tochter sohn bruder
lebensgefahrtin epouse epoux conjoint fille fils frere soeur marido esposa esposo hijo hija figlio
figlia moglie marito fratello sorella filho filha mae moeder vader dochter echtgenote echtgenoot broer
matka ojciec corka manzel manzelka dcera anya apja anyja lanya annesi babasi kizi oglu esi мать отец сын
дочь жена муж брат сестра μητερα πατερας sister brother daughter son spouse partner guardian carer
caregiver kin
";

fn listed(words: &'static str, set: &'static OnceLock<FxHashSet<&'static str>>, word: &str) -> bool {
    set.get_or_init(|| words.split_whitespace().collect()).contains(word)
}

/// Whether a folded word announces the number of a person, a visit or a telephone.
pub(crate) fn announces_number(word: &str) -> bool {
    is_id_word(word) || is_phone_word(word)
}

/// Whether a word announces the number of a person or a visit.
pub(super) fn is_id_word(word: &str) -> bool {
    static SET: OnceLock<FxHashSet<&str>> = OnceLock::new();
    listed(ID_WORDS, &SET, word)
}

/// Whether a word announces a telephone number.
pub(super) fn is_phone_word(word: &str) -> bool {
    static SET: OnceLock<FxHashSet<&str>> = OnceLock::new();
    listed(PHONE_WORDS, &SET, word)
}

/// Whether a word is a role or a label before a name.
pub(super) fn is_role(word: &str) -> bool {
    static SET: OnceLock<FxHashSet<&str>> = OnceLock::new();
    listed(ROLES, &SET, word)
}

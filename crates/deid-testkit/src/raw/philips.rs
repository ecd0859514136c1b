//! Philips: SPAR/SDAT and PAR/REC.

use super::{Slots, dashed, payload};
use std::fmt::Write as _;

/// The header of four spectra of 64 points.
pub fn spar(slots: &Slots) -> Vec<u8> {
    let Slots { name, series, study, comment, .. } = slots;
    let (born, scanned) = (dashed(&slots.birth_date, '.'), dashed(&slots.study_date, '.'));
    let text = format!(
        "!-----------------------------------------\n!      CAUTION - Investigational device.\n\
         !      GYROSCAN spectro parameter file. \n!      Last revised 01-January-2001.\n! {comment} of {name}\n\
         !-----------------------------------------\nexamination_name : {study}\nscan_id : {series}\n\
         scan_date : {scanned} 10:11:12\npatient_name : {name}\npatient_birth_date : {born}\n\
         patient_position : \"head_first\"\npatient_orientation : \"supine\"\nsamples : 64\nrows : 4\n\
         synthesizer_frequency : 127700000\noffset_frequency : 0\nsample_frequency : 2500\necho_nr : 1\nmix_number : 1\n\
         nucleus : 1H\nt0_mu1_direction : 0\necho_time : 35\nrepetition_time : 2000\naverages : 8     \n\
         volume_selection_enable : \"yes\"\nvolumes : 1\nap_size : 20\nlr_size : 25\ncc_size : 30\n\
         ap_off_center : -12.5\nlr_off_center : 3.25\ncc_off_center : 40.75\nap_angulation : 0\n\
         lr_angulation : 0\ncc_angulation : 0\nvolume_selection_method : 1\nphase_encoding_enable : \"no\"\n\
         t1_measurement_enable : \"no\"\nt2_measurement_enable : \"no\"\ntime_series_enable :  \"no\"\n\
         image_plane_slice_thickness : 0\nslice_distance : 0\nnr_of_slices_for_multislice : 1\n\
         Spec.image in plane transf : \"plusA-plusB\"\n!-------\nspec_data_type : cf\nspec_sample_extension :[V]\n\
         ! Column parameters \nspec_num_col : 64\nspec_col_lower_val : -1250\nspec_col_upper_val : -1249.2\n\
         spec_col_extension :[sec]\nspec_num_row : 4\nspec_row_lower_val : 1\nspec_row_upper_val : 4\n\
         spec_row_extension :[index]\nnum_dimensions : 2\ndim1_ext       :[sec]\ndim1_pnts : 64\ndim1_low_val : -1250\n\
         dim1_step : 0.0004\ndim1_direction : mu1\ndim1_t0_point : 0\necho_acquisition : ECHO\nTSI_factor : 1\n\
         spectrum_echo_time : 35\nspectrum_inversion_time : 0\nimage_chemical_shift : 0\n\
         resp_motion_comp_technique : NONE\nde_coupling : NO\nequipment_sw_verions : 1.2.3 ; .2.3 ; \nplaceholder1 : \n\
         placeholder2 : \n"
    );
    text.replace('\n', "\r\n\r\n").into_bytes()
}

/// Its payload.
pub fn sdat() -> Vec<u8> {
    payload(64 * 4 * 8)
}

/// The header of two images of 8 by 8 pixels, version 4.2.
pub fn par(slots: &Slots) -> Vec<u8> {
    let Slots { name, series, study, comment, .. } = slots;
    let date = dashed(&slots.study_date, '.');
    let mut text = format!(
        "# === DATA DESCRIPTION FILE ======================================================\r\n#\r\n\
         # CAUTION - Investigational device.\r\n# Limited by Federal Law to investigational use.\r\n#\r\n\
         # Dataset name: E:\\Export\\{name}_{comment}\r\n#\r\n\
         # CLINICAL TRYOUT             Research image export tool     V4.2\r\n#\r\n\
         # === GENERAL INFORMATION ========================================================\r\n#\r\n\
         .    Patient name                       :   {name}\r\n.    Examination name                   :   {study}\r\n\
         .    Protocol name                      :   {series}\r\n.    Examination date/time              :   {date} / 10:11:12\r\n\
         .    Series Type                        :   Image   MRSERIES\r\n.    Acquisition nr                     :   3\r\n\
         .    Reconstruction nr                  :   1\r\n.    Scan Duration [sec]                :   14\r\n\
         .    Max. number of cardiac phases      :   1\r\n.    Max. number of echoes              :   1\r\n\
         .    Max. number of slices/locations    :   2\r\n.    Max. number of dynamics            :   1\r\n\
         .    Max. number of mixes               :   1\r\n.    Patient position                   :   Head First Supine\r\n\
         .    Preparation direction              :   Anterior-Posterior\r\n.    Technique                          :   FEEPI\r\n\
         .    Scan resolution  (x, y)            :   8  8\r\n.    Scan mode                          :   MS\r\n\
         .    Repetition time [ms]               :   2000.000  \r\n.    FOV (ap,fh,rl) [mm]                :   24.000  6.000  24.000\r\n\
         .    Water Fat shift [pixels]           :   10.000\r\n.    Angulation midslice(ap,fh,rl)[degr]:   0.000  0.000  0.000\r\n\
         .    Off Centre midslice(ap,fh,rl) [mm] :   0.000  0.000  0.000\r\n.    Flow compensation <0=no 1=yes> ?   :   0\r\n\
         .    Presaturation     <0=no 1=yes> ?   :   0\r\n.    Phase encoding velocity [cm/sec]   :   0.000  0.000  0.000\r\n\
         .    MTC               <0=no 1=yes> ?   :   0\r\n.    SPIR              <0=no 1=yes> ?   :   1\r\n\
         .    EPI factor        <0,1=no EPI>     :   31\r\n.    Dynamic scan      <0=no 1=yes> ?   :   0\r\n\
         .    Diffusion         <0=no 1=yes> ?   :   0\r\n.    Diffusion echo time [ms]           :   0.0000\r\n\
         .    Max. number of diffusion values    :   1\r\n.    Max. number of gradient orients    :   1\r\n\
         .    Number of label types   <0=no ASL> :   0\r\n#\r\n# {comment} by {name}\r\n\
         # === IMAGE INFORMATION ==========================================================\r\n\
         #  sl ec  dyn ph ty    idx pix scan% rec size                (re)scale              window        angulation\r\n\r\n"
    );
    for slice in 1..=2 {
        let row = "1    1  1 0 2     IDX  16   100    8    8     0.00000   1.25000 4.50000e-003  1000  2000 0.00  -0.00  \
                   -0.00    1.50   -0.50   -8.50  3.000  0.000 0 1 0 2  3.000  3.000  30.00    0.00     0.00    0.00   0   \
                   90.00     0    0    0    31   0.0  1   1    8    0   0.000    0.000    0.000  1";
        let _ = write!(text, "  {slice}   {}\r\n", row.replace("IDX", &(slice - 1).to_string()));
    }
    text.push_str(
        "\r\n# === END OF DATA DESCRIPTION FILE ===============================================\r\n",
    );
    text.into_bytes()
}

/// Its payload.
pub fn rec() -> Vec<u8> {
    payload(2 * 8 * 8 * 2)
}

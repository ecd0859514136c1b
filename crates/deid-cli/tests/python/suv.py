"""Whether what makes SUV of PET activities is the same before and after.

    python suv.py COMMAND IN [PROFILE]

For each PET instance that is written: the factor by body weight with the decay from injection to the series' and to
the acquisition's time, the times between all dates that take part, and what vendors keep of their own (GE's scan
date and time, Philips' SUV factors) as far as it is kept. Files that pydicom cannot read are skipped and named. Exit code 1 if any differs.
"""

import datetime
import os
import sys
import tempfile

import pydicom

sys.path.insert(0, os.path.dirname(__file__))
import dciodvfy as checks  # noqa: E402


def moment(date, time):
    """A moment of DA and TM, or of DT (zone left out: it is the same on both sides)."""
    date, time = str(date or ""), str(time or "")
    if len(date) > 8:
        date, time = date[:8], date[8:].split("+")[0].split("-")[0]
    if len(date) != 8:
        return None
    time = (time.replace(":", "") or "0").split(".")
    fraction = float("0." + time[1]) if len(time) > 1 and time[1] else 0.0
    whole = time[0].ljust(6, "0")
    start = datetime.datetime.strptime(date + whole, "%Y%m%d%H%M%S")
    return start + datetime.timedelta(seconds=fraction)


def private(dataset, group, creator, element):
    try:
        return dataset.private_block(group, creator)[element].value
    except KeyError:
        return None


def facts(path):
    """What SUV depends on, free of absolute dates; `None` if this is no PET. Raises what pydicom raises."""
    dataset = pydicom.dcmread(path, stop_before_pixels=True, force=True)
    items = dataset.get("RadiopharmaceuticalInformationSequence")
    if dataset.get("Modality") != "PT" or not items:
        return None
    item = items[0]
    injected = moment(item.get("RadiopharmaceuticalStartDateTime"), None)
    if injected is None:
        injected = moment(dataset.get("SeriesDate"), item.get("RadiopharmaceuticalStartTime"))
    moments = {
        "series": moment(dataset.get("SeriesDate"), dataset.get("SeriesTime")),
        "acquisition": moment(dataset.get("AcquisitionDate"), dataset.get("AcquisitionTime")),
        "study": moment(dataset.get("StudyDate"), dataset.get("StudyTime")),
        "GE scan": moment(private(dataset, 0x0009, "GEMS_PETD_01", 0x0D), None),
    }
    result = {name: (at - injected).total_seconds() for name, at in moments.items() if at and injected}
    weight, dose = dataset.get("PatientWeight"), item.get("RadionuclideTotalDose")
    half_life = item.get("RadionuclideHalfLife")
    for name in ("series", "acquisition", "GE scan"):
        if name in result and weight and dose and half_life:
            decayed = float(dose) * 2 ** (-result[name] / float(half_life))
            result["factor by " + name] = float(weight) * 1000 / decayed
    for name in ("Units", "DecayCorrection", "CorrectedImage", "RescaleSlope", "DecayFactor", "FrameReferenceTime"):
        result[name] = str(dataset.get(name))
    for element in (0x00, 0x09):
        kept = private(dataset, 0x7053, "Philips PET Private Group", element)
        if kept is not None:
            result[f"Philips (7053,10{element:02X})"] = str(kept)
    return result


def main():
    command, folder = sys.argv[1:3]
    profile = sys.argv[3] if len(sys.argv) > 3 else "neuro"
    different = compared = skipped = 0
    with tempfile.TemporaryDirectory() as temporary:
        for source, written in checks.run(command, folder, profile, temporary):
            try:
                before = facts(source)
            except Exception as error:  # pydicom and its callers raise many kinds
                skipped += 1
                print(f"  {os.path.relpath(source, folder)}: skipped, pydicom cannot read it ({type(error).__name__})")
                continue
            if before is None:
                continue
            compared += 1
            try:
                after = facts(written) or {}
            except Exception as error:
                # What could be read before must be readable afterwards.
                different += 1
                print(f"  {os.path.relpath(source, folder)}: the output cannot be read ({type(error).__name__})")
                continue
            # GE's own scan time may be left out by a profile; what is there must agree.
            wrong = [
                name
                for name in before
                if before[name] != after.get(name) and not (name not in after and name.endswith("GE scan"))
            ]
            different += bool(wrong)
            if wrong:
                print(f"  {os.path.relpath(source, folder)}: {', '.join(wrong)}")
    print(f"{profile}: {compared} PET instances compared, {different} different, {skipped} files skipped")
    sys.exit(different > 0)


if __name__ == "__main__":
    main()

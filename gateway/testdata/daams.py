"""A national application management system that knows only what is known of the National Dispatcher.

It lists the applications, keeps the highest version of each, fetches the ZIP, opens the ZIP within, and gathers the
attachments by the id before the first underscore. Then it screens, asks for information and decides. It prints what
it read as JSON. Usage: daams.py BASE CAFILE, with the key in DAAMS_KEY.
"""
import base64
import io
import json
import os
import ssl
import sys
import urllib.request
import zipfile

base, cafile = sys.argv[1], sys.argv[2]
tls = ssl.create_default_context(cafile=cafile)


def call(path, body=None, media="application/json"):
    request = urllib.request.Request(base + path, data=body, method="POST" if body is not None else "GET")
    request.add_header("X-API-key", os.environ["DAAMS_KEY"])
    if body is not None:
        request.add_header("Content-Type", media)
    with urllib.request.urlopen(request, context=tls, timeout=10) as answer:
        return answer.read()


def gather(content, attachments):
    """Collects the attachments of a ZIP and of the ZIPs in it; gives the metadata."""
    metadata = None
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        for name in archive.namelist():
            data = archive.read(name)
            if name == "application_metadata.json":
                metadata = json.loads(data)
            elif name == "application_file.zip":
                gather(data, attachments)
            else:
                attachment_id, filename = name.split("_", 1)
                attachments[attachment_id] = {"name": filename, "content": base64.b64encode(data).decode()}
    return metadata


rows = json.loads(call("/applications"))
highest = {}
for row in rows:
    known = highest.get(row["application_id"])
    if known is None or row["version"] > known["version"]:
        highest[row["application_id"]] = row

read = {"list": rows, "applications": {}}
for application_id in highest:
    attachments = {}
    metadata = gather(call("/applications/" + application_id), attachments)
    read["applications"][application_id] = {"metadata": metadata, "attachments": attachments}


def change_status(application_id, status):
    call(f"/applications/{application_id}/status", json.dumps({"status": status}).encode())


for application_id, row in highest.items():
    change_status(application_id, "PRE_SCREENING")
    if row["applicationType"] == "application":
        form = read["applications"][application_id]["metadata"]["form"]
        assert form["section2"]["purposeForWhichDataWillBeUsed"][0]["key"] == "e"
        assert form["section6"][0]["country_id"] == "FRANCE"
        call(f"/applications/{application_id}/information-requests", json.dumps({
            "application_id": application_id,
            "status": "AWAITING_ADDITIONAL_INFORMATION",
            "sections": [
                {"number": 2, "fields": {"projectName": "Please give the full name."}},
                {"number": 6, "country": "FRANCE", "fields": {"sizeOfTheStudyCohort": "How was it estimated?"}},
            ],
        }).encode())
    else:
        change_status(application_id, "PROCESSING")
        card = json.dumps({
            "application_id": application_id,
            "decision_id": "D-2026-17",
            "outcome": "Positive",
            "signatory": {"name": "A. Signer", "job_title": "Head of the body"},
        })
        boundary = "daams-boundary"
        call("/decision-cards", (
            f"--{boundary}\r\nContent-Disposition: form-data; name=\"card\"\r\nContent-Type: application/json\r\n\r\n{card}\r\n"
            f"--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"decision.pdf\"\r\n"
            f"Content-Type: application/pdf\r\n\r\n%PDF-1.7 decision\r\n--{boundary}--\r\n").encode(),
            f"multipart/form-data; boundary={boundary}")

json.dump(read, sys.stdout)

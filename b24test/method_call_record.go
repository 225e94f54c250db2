package b24test

import (
	"bytes"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/b24go/b24/b24test/internal/php"
)

// attachRecord answers telephony.externalcall.attachrecord: with a name and the content, with a name
// alone for an upload in two steps, or with an address, from which the portal loads the record later.
func attachRecord(p *Portal, req Request) (any, error) {
	id := req.params.Text("CALL_ID")
	address, hasAddress := req.params.Isset("RECORD_URL")
	name, hasName := req.params.Isset("FILENAME")
	if !hasAddress && !hasName {
		return nil, badRequest("", "Required parameters are not set. Request should contain or URL or FILENAME parameter")
	}
	call := p.finishedCall(id)
	if call == nil {
		return nil, noFinishedCall()
	}
	if hasAddress {
		u, err := url.Parse(php.Text(address))
		if err != nil || u.Host == "" {
			return nil, badRequest("", "SERVER_NOT_AVAILABLE: Wrong url")
		}
		given := path.Base(u.Path)
		if hasName && php.Text(name) != "" {
			given = php.Text(name)
		}
		b := p.data.files.store(given, "audio/mpeg", bytes.NewReader([]byte("record of "+id)), "")
		return p.keepRecord(call, given, b, req)
	}
	body, given := req.params.Isset("FILE_CONTENT")
	if !given {
		return p.data.files.uploadSlot(req, "telephony", url.Values{"callId": {id}}.Encode(), "fieldName"), nil
	}
	switch {
	case php.Text(name) == "":
		return nil, badRequest("", "File name is empty")
	case !isRecord(php.Text(name)):
		return nil, wrongRecord()
	}
	switch b, encoded := p.data.files.save(php.List(name, body)); {
	case encoded:
		return nil, badRequest("", "File content is not properly encoded. Base64 encoding is expected.")
	case b == nil:
		return nil, badRequest("", "File content is empty.")
	default:
		return p.keepRecord(call, php.Text(name), b, req)
	}
}

// finishedCall returns a call of the statistics; nil if there is none.
func (p *Portal) finishedCall(id string) *record {
	for r := range each(p.table("voximplant.statistic").rows()) {
		if php.Text(r.fields["CALL_ID"]) == id {
			return r
		}
	}
	return nil
}

func noFinishedCall() error {
	return badRequest("", "Call is not found in the statistic table. Looks like it is not finished yet.")
}

func wrongRecord() error {
	return badRequest("", "Wrong file extension. Only wav and mp3 are allowed")
}

// isRecord reports whether a file has the name of a record. Letter case matters.
func isRecord(name string) bool {
	return slices.Contains([]string{".wav", ".mp3"}, path.Ext(name))
}

// uploadRecord answers the second step of the upload of a record.
func (p *Portal) uploadRecord(req Request) (any, error) {
	one := req.files["file"]
	if one == nil {
		return nil, badRequest("", "Error: required parameter file is not found")
	}
	if !isRecord(one.name) {
		return nil, wrongRecord()
	}
	call := p.finishedCall(req.params.Text("callId"))
	if call == nil {
		return nil, noFinishedCall()
	}
	return p.keepRecord(call, one.name, p.data.files.uploaded(req), req)
}

// keepRecord stores the record of a call on the Drive, in a folder for the month of the call. A
// second record with the same name is refused there; one with another name replaces the first.
func (p *Portal) keepRecord(call *record, name string, b *blob, req Request) (any, error) {
	month := php.Text(call.fields["CALL_START_DATE"])
	if len(month) < len(time.DateOnly) {
		month = time.Now().UTC().Format(time.DateOnly)
	}
	folder, err := p.folderAt([]string{"Telephony - call recordings", month[:len("2006-01")]}, req)
	if err != nil {
		return nil, err
	}
	if p.hasName(folder.id, correctName(name), "") {
		delete(p.data.files.blobs, b.id)
		return nil, badRequest("", "A file with this name already exists")
	}
	file, err := p.addFile(folder, name, b, false, req)
	if err != nil {
		return nil, err
	}
	id := php.Int(file.id)
	p.table("voximplant.statistic").set(call, map[string]any{"RECORD_FILE_ID": php.Number(id)})
	activities := p.table("crm.activity")
	if i, ok := activities.find(php.Text(call.fields["CRM_ACTIVITY_ID"])); ok {
		activities.set(activities.rows().at(i), map[string]any{"FILES": php.List(php.Object("id", php.Number(id), "url", p.data.files.origin(req)+
			"/bitrix/tools/crm_show_file.php?fileId="+file.id+"&ownerTypeId=6&ownerId="+activities.rows().at(i).id+"&auth="))})
	}
	return php.Object("FILE_ID", php.Number(id)), nil
}

// folderAt returns the folder at a path below the root of the first storage, and adds what is
// missing.
func (p *Portal) folderAt(names []string, req Request) (*record, error) {
	storages := p.storages()
	if storages.rows().len() == 0 {
		return nil, badRequest("", "Could not create shared folder for call records")
	}
	folder := p.rootOf(storages.rows().at(0))
	for _, name := range names {
		at := slices.IndexFunc(p.children(folder.id), func(r *record) bool {
			return !isDriveFile(r) && strings.EqualFold(php.Text(r.fields["NAME"]), name)
		})
		if at >= 0 {
			folder = p.children(folder.id)[at]
			continue
		}
		next, err := p.addFolder(folder, name, req)
		if err != nil {
			return nil, err
		}
		folder = next
	}
	return folder, nil
}

package b24test

import (
	"net/url"

	"github.com/b24go/b24/b24test/internal/php"
)

func folderMethods() map[string]procedure {
	return map[string]procedure{
		"disk.folder.getfields":       func(*Portal, Request) (any, error) { return describeFields(objectFields(&record{})), nil },
		"disk.folder.get":             getFolder,
		"disk.folder.getchildren":     listFolder,
		"disk.folder.addsubfolder":    addSubFolder,
		"disk.folder.uploadfile":      uploadFile,
		"disk.folder.deletetree":      deleteTree,
		"disk.folder.rename":          func(p *Portal, req Request) (any, error) { return p.rename(req, p.folder, typeFolder) },
		"disk.folder.moveto":          func(p *Portal, req Request) (any, error) { return p.move(req, p.folder, typeFolder) },
		"disk.folder.copyto":          func(p *Portal, req Request) (any, error) { return p.copy(req, p.folder, typeFolder) },
		"disk.folder.markdeleted":     func(p *Portal, req Request) (any, error) { return p.markDeleted(req, p.folder) },
		"disk.folder.restore":         func(p *Portal, req Request) (any, error) { return p.restore(req, p.folder) },
		"disk.folder.getexternallink": func(p *Portal, req Request) (any, error) { return p.externalLink(req, p.folder) },
	}
}

func getFolder(p *Portal, req Request) (any, error) {
	if err := bindArgs(req, "id"); err != nil {
		return nil, err
	}
	r, err := p.folder(req, "id")
	if err != nil {
		return nil, err
	}
	return p.tellObject(r, req), nil
}

// listFolder answers disk.folder.getchildren. A folder that is not there has no rows, unless a test
// seeded some.
func listFolder(p *Portal, req Request) (any, error) {
	if err := bindArgs(req, "id"); err != nil {
		return nil, err
	}
	s := p.table(driveObjects)
	if _, err := p.folder(req, "id"); err != nil {
		all, wrong := list(s, Request{Method: req.Method, params: php.Object("id", req.params.Text("id"))})
		if rows, _ := resultOf(all).Value.(*php.Array); wrong == nil && rows.Len() == 0 {
			return nil, err
		}
	}
	return p.linked(req)(list(s, req))
}

// addFolder adds a folder.
func (p *Portal) addFolder(parent *record, name string, req Request) (*record, error) {
	if correctName(name) != name {
		return nil, diskError("BX_INVALID_VALUE", "The name contains invalid characters")
	}
	name, err := p.nameFor(parent.id, name, "", typeFolder, false)
	if err != nil {
		return nil, err
	}
	return p.newObject(parent, name, typeFolder, req), nil
}

func (p *Portal) answerFolder(r *record, err error, req Request) (any, error) {
	if err != nil {
		return nil, err
	}
	return p.tellNew(r, req), nil
}

func addSubFolder(p *Portal, req Request) (any, error) {
	if err := bindArgs(req, "id", "array data"); err != nil {
		return nil, err
	}
	name, err := dataName(req)
	if err != nil {
		return nil, err
	}
	parent, err := p.folder(req, "id")
	if err != nil {
		return nil, err
	}
	r, err := p.addFolder(parent, name, req)
	return p.answerFolder(r, err, req)
}

// uploadFile answers disk.folder.uploadfile. Without content it returns an address to upload to,
// even for a folder that is not there.
func uploadFile(p *Portal, req Request) (any, error) {
	if err := bindArgs(req, "id"); err != nil {
		return nil, err
	}
	unique, _ := req.params.Get("generateUniqueName")
	if _, given := req.params.Isset("fileContent"); !given {
		query := url.Values{"id": {req.params.Text("id")}, "generateUniqueName": {map[bool]string{true: "1", false: "0"}[php.Truthy(unique)]}}
		return p.data.files.uploadSlot(req, "disk", query.Encode(), "field"), nil
	}
	name, err := dataName(req)
	if err != nil {
		return nil, err
	}
	folder, err := p.folder(req, "id")
	if err != nil {
		return nil, err
	}
	return p.saveTo(folder, name, req)
}

// saveTo stores the argument fileContent in a folder.
func (p *Portal) saveTo(folder *record, name string, req Request) (any, error) {
	v, _ := req.params.Get("fileContent")
	b, _ := p.data.files.save(v)
	if b == nil {
		return nil, badRequest("", "Could not save file.")
	}
	return p.keep(folder, name, b, req)
}

// uploadToFolder answers the second step of an upload to a folder.
func (p *Portal) uploadToFolder(req Request) (any, error) {
	folder, err := p.folder(req, "id")
	if err != nil {
		return nil, err
	}
	b := p.data.files.uploaded(req)
	if b == nil {
		return nil, diskError("DISK_BASE_SERVICE_22001", "Error: required parameter file")
	}
	return p.keep(folder, b.name, b, req)
}

// keep adds a stored file to a folder and answers with it.
func (p *Portal) keep(folder *record, name string, b *blob, req Request) (any, error) {
	unique, _ := req.params.Get("generateUniqueName")
	r, err := p.addFile(folder, name, b, php.Truthy(unique), req)
	if err != nil {
		return nil, err
	}
	return p.tellNew(r, req), nil
}

// addFile adds a stored file to a folder; if it cannot, the file is gone.
func (p *Portal) addFile(folder *record, name string, b *blob, unique bool, req Request) (*record, error) {
	name, err := p.nameFor(folder.id, correctName(name), "", typeDriveFile, unique)
	if err != nil {
		delete(p.data.files.blobs, b.id)
		return nil, err
	}
	r := p.newObject(folder, name, typeDriveFile, req)
	s := p.table(driveObjects)
	s.set(r, map[string]any{
		"FILE_ID": php.Number(b.id), "SIZE": php.Number(int(b.content.Size())), "GLOBAL_CONTENT_VERSION": php.Number(1),
	})
	return p.driveObject(php.Int(r.id)), nil
}

func deleteTree(p *Portal, req Request) (any, error) {
	if err := bindArgs(req, "id"); err != nil {
		return nil, err
	}
	r, err := p.folder(req, "id")
	switch {
	case err != nil:
		return nil, err
	case isRoot(r):
		return nil, badRequest("", "Could not delete root folder.")
	}
	p.dropObject(r)
	return true, nil
}

// dropObject deletes an object and everything in it.
func (p *Portal) dropObject(r *record) {
	s := p.table(driveObjects)
	s.drop(r.id)
	if isDriveFile(r) {
		p.dropBlob(r.fields["FILE_ID"])
		return
	}
	var inside []*record
	for child := range each(s.rows()) {
		if child.fields["PARENT_ID"] != nil && sameID(child.fields["PARENT_ID"], php.Int(r.id)) {
			inside = append(inside, child)
		}
	}
	for _, child := range inside {
		p.dropObject(child)
	}
}

// dropBlob forgets a stored file that no object has any more.
func (p *Portal) dropBlob(id any) {
	for r := range each(p.table(driveObjects).rows()) {
		if r.fields["FILE_ID"] != nil && sameID(r.fields["FILE_ID"], php.Int(id)) {
			return
		}
	}
	delete(p.data.files.blobs, php.Int(id))
}

package b24test

import (
	"strings"

	"github.com/b24go/b24/b24test/internal/php"
)

// deletedItself is the DELETED_TYPE of an object in the trash.
const deletedItself = 3

func driveFileMethods() map[string]procedure {
	return map[string]procedure{
		"disk.file.getfields": func(*Portal, Request) (any, error) {
			return describeFields(objectFields(&record{fields: map[string]any{"TYPE": typeDriveFile}})), nil
		},
		"disk.file.get":             getFile,
		"disk.file.delete":          deleteFile,
		"disk.file.uploadversion":   uploadVersion,
		"disk.file.rename":          func(p *Portal, req Request) (any, error) { return p.rename(req, p.driveFile, typeDriveFile) },
		"disk.file.moveto":          func(p *Portal, req Request) (any, error) { return p.move(req, p.driveFile, typeDriveFile) },
		"disk.file.copyto":          func(p *Portal, req Request) (any, error) { return p.copy(req, p.driveFile, typeDriveFile) },
		"disk.file.markdeleted":     func(p *Portal, req Request) (any, error) { return p.markDeleted(req, p.driveFile) },
		"disk.file.restore":         func(p *Portal, req Request) (any, error) { return p.restore(req, p.driveFile) },
		"disk.file.getexternallink": func(p *Portal, req Request) (any, error) { return p.externalLink(req, p.driveFile) },
	}
}

// finder finds the object that an argument names.
type finder func(req Request, arg string) (*record, error)

// found returns the object that the argument id names, if the request has all required arguments.
func (find finder) found(req Request, params ...string) (*record, error) {
	if err := bindArgs(req, append([]string{"id"}, params...)...); err != nil {
		return nil, err
	}
	return find(req, "id")
}

func getFile(p *Portal, req Request) (any, error) {
	r, err := finder(p.driveFile).found(req)
	if err != nil {
		return nil, err
	}
	return p.tellObject(r, req), nil
}

func deleteFile(p *Portal, req Request) (any, error) {
	r, err := finder(p.driveFile).found(req)
	if err != nil {
		return nil, err
	}
	p.dropObject(r)
	return true, nil
}

// uploadVersion answers disk.file.uploadversion, which needs the content.
func uploadVersion(p *Portal, req Request) (any, error) {
	r, err := finder(p.driveFile).found(req, "fileContent")
	if err != nil {
		return nil, err
	}
	v, _ := req.params.Get("fileContent")
	b, _ := p.data.files.save(v)
	if b == nil {
		return nil, badRequest("", "Could not save file.")
	}
	return p.changeObject(r, req, map[string]any{
		"FILE_ID": php.Number(b.id), "SIZE": php.Number(int(b.content.Size())), "GLOBAL_CONTENT_VERSION": php.Number(php.Int(r.fields["GLOBAL_CONTENT_VERSION"]) + 1),
	}), nil
}

// changeObject changes fields of an object and returns it.
func (p *Portal) changeObject(r *record, req Request, changes map[string]any) any {
	s := p.table(driveObjects)
	s.stamp(changes, "UPDATE_TIME")
	changes["UPDATED_BY"] = p.actor(req)
	s.set(r, changes)
	return p.tellObject(p.driveObject(php.Int(r.id)), req)
}

func (p *Portal) rename(req Request, find finder, kind string) (any, error) {
	r, err := find.found(req, "newName")
	if err != nil {
		return nil, err
	}
	name := req.params.Text("newName")
	switch {
	case name == "":
		return nil, diskError("0", "Empty name.")
	case name == php.Text(r.fields["NAME"]):
		return p.tellObject(r, req), nil
	case correctName(name) != name:
		return nil, diskError("BX_INVALID_VALUE", "The name contains invalid characters")
	}
	if name, err = p.nameFor(php.Text(r.fields["PARENT_ID"]), name, r.id, kind, false); err != nil {
		return nil, err
	}
	return p.changeObject(r, req, map[string]any{"NAME": name}), nil
}

// move answers moveto. Between storages it answers false, without an error.
func (p *Portal) move(req Request, find finder, kind string) (any, error) {
	r, err := find.found(req, "targetFolderId")
	if err != nil {
		return nil, err
	}
	target, err := p.folder(req, "targetFolderId")
	switch {
	case err != nil:
		return nil, err
	case php.Text(r.fields["STORAGE_ID"]) != php.Text(target.fields["STORAGE_ID"]):
		return false, nil
	case isRoot(r):
		return nil, badRequest("", "Could not move root folder.")
	case p.isWithin(target, r.id):
		return nil, badRequest("ACCESS_DENIED", "Access denied!")
	}
	if _, err := p.nameFor(target.id, php.Text(r.fields["NAME"]), r.id, kind, false); err != nil {
		return nil, err
	}
	return p.changeObject(r, req, map[string]any{"PARENT_ID": target.id}), nil
}

// isWithin reports whether a folder is another one or below it.
func (p *Portal) isWithin(folder *record, id string) bool {
	const deepest = 100
	for range deepest {
		if folder == nil || folder.id == id {
			break
		}
		folder = p.driveObject(php.Int(folder.fields["PARENT_ID"]))
	}
	return folder != nil && folder.id == id
}

func (p *Portal) copy(req Request, find finder, kind string) (any, error) {
	r, err := find.found(req, "targetFolderId")
	if err != nil {
		return nil, err
	}
	target, err := p.folder(req, "targetFolderId")
	if err != nil {
		return nil, err
	}
	if _, err := p.nameFor(target.id, php.Text(r.fields["NAME"]), "", kind, false); err != nil {
		return nil, err
	}
	return p.tellNew(p.copyObject(r, target, req), req), nil
}

// copyObject copies an object and everything in it.
func (p *Portal) copyObject(r, target *record, req Request) *record {
	inside := p.children(r.id)
	if isDriveFile(r) {
		inside = nil
	}
	twin := p.newObject(target, php.Text(r.fields["NAME"]), php.Text(r.fields["TYPE"]), req)
	for _, child := range inside {
		p.copyObject(child, twin, req)
	}
	if isDriveFile(r) {
		p.table(driveObjects).set(twin, map[string]any{
			"FILE_ID": r.fields["FILE_ID"], "SIZE": r.fields["SIZE"], "GLOBAL_CONTENT_VERSION": php.Number(1),
		})
	}
	return p.driveObject(php.Int(twin.id))
}

func (p *Portal) markDeleted(req Request, find finder) (any, error) {
	r, err := find.found(req)
	switch {
	case err != nil:
		return nil, err
	case isRoot(r):
		return nil, badRequest("", "Could not delete root folder.")
	}
	changes := map[string]any{"DELETED_TYPE": php.Number(deletedItself), "DELETED_BY": p.actor(req)}
	p.table(driveObjects).stamp(changes, "DELETE_TIME")
	return p.changeObject(r, req, changes), nil
}

func (p *Portal) restore(req Request, find finder) (any, error) {
	r, err := find.found(req)
	if err != nil {
		return nil, err
	}
	return p.changeObject(r, req, map[string]any{"DELETED_TYPE": php.Number(0), "DELETED_BY": php.Number(0), "DELETE_TIME": nil}), nil
}

// externalLink answers getexternallink: the address of a page for everybody, the same each time.
func (p *Portal) externalLink(req Request, find finder) (any, error) {
	const size = 5
	r, err := find.found(req)
	if err != nil {
		return nil, err
	}
	files := p.data.files
	if files.public[r.id] == "" {
		files.public[r.id] = strings.ToUpper(randomText(size))
	}
	return files.origin(req) + p.cfg.prefix + "/~" + files.public[r.id], nil
}

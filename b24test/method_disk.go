package b24test

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test/internal/php"
)

// The entities of the Drive: storages, and what is in them.
const (
	driveStorages = "disk.storage"
	driveObjects  = "disk.folder"
)

// diskMethods returns the methods of storages, and those that only signed links reach.
func diskMethods() map[string]procedure {
	methods := map[string]procedure{
		"disk.storage.getfields": func(*Portal, Request) (any, error) { return describeFields(storageFields()), nil },
		"disk.storage.gettypes":  func(*Portal, Request) (any, error) { return php.List("user", "common", "group"), nil },
		"disk.storage.get":       getStorage,
		"disk.storage.getlist": func(p *Portal, req Request) (any, error) {
			return list(p.storages(), req)
		},
		"disk.storage.getforapp": func(*Portal, Request) (any, error) {
			return nil, &b24.Error{Code: "ACCESS_DENIED", Description: "Access denied! Application context required"}
		},
		"disk.storage.rename":      renameStorage,
		"disk.storage.addfolder":   addStorageFolder,
		"disk.storage.getchildren": listStorage,
		"disk.storage.uploadfile":  uploadToStorage,
		methodDownload:             downloadFile,
		methodUpload:               upload,
	}
	for _, more := range []map[string]procedure{folderMethods(), driveFileMethods(), attachmentMethods()} {
		maps.Copy(methods, more)
	}
	return methods
}

// bindArgs checks that a request has the required arguments, in the order of the method: names with
// an optional type, "array data". Letter case matters.
func bindArgs(req Request, params ...string) error {
	for i, param := range params {
		kind, name, typed := strings.Cut(param, " ")
		if !typed {
			kind, name = "", param
		}
		if _, ok := req.params.Get(name); ok {
			continue
		}
		about := "Parameter #" + strconv.Itoa(i) + " [ <required> " + strings.TrimLeft(kind+" $"+name, " ") + " ]"
		return badRequest("ERROR_ARGUMENT", "Invalid value of parameter { "+about+" }.")
	}
	return nil
}

func notFoundOnDisk(id any) error {
	return badRequest("ERROR_NOT_FOUND", "Could not find entity with id '"+php.Text(id)+"'.")
}

// diskError is an error that the module of the Drive collects: its code is in the text, too.
func diskError(code b24.Code, text string) error {
	return badRequest(code, text+" ("+string(code)+").")
}

// dataName returns the name in the argument data.
func dataName(req Request) (string, error) {
	name := req.params.Inner("data").Text("NAME")
	if name == "" {
		return "", diskError("DISK_BASE_SERVICE_22001", "Error: required parameter NAME")
	}
	return name, nil
}

// initialStorages returns the storages of a new portal: that of the company and that of the user of
// the webhook.
func (p *Portal) initialStorages() []map[string]any {
	user := strconv.FormatInt(p.cfg.userID, 10)
	var rows []map[string]any
	for i, one := range []struct{ name, kind, owner string }{{"Company Drive", "common", "shared_files_s1"}, {"Drive of user " + user, "user", user}} {
		rows = append(rows, map[string]any{
			"ID": php.Number(i + 1), "NAME": one.name, "CODE": nil, "MODULE_ID": "disk", "ENTITY_TYPE": one.kind, "ENTITY_ID": one.owner,
			"ROOT_OBJECT_ID": php.Number(p.reserveObject()),
		})
	}
	return rows
}

// storages returns the storages, with their root folders; a row that a test seeded as an id alone
// gets one when it is used, see rootOf.
func (p *Portal) storages() *store {
	s := p.table(driveStorages)
	if s.made != nil {
		return s
	}
	for _, r := range slices.Clone(s.kept) {
		if len(r.fields) > 1 && php.Int(r.fields["ROOT_OBJECT_ID"]) == 0 {
			s.set(r, map[string]any{"ROOT_OBJECT_ID": php.Number(p.reserveObject())})
		}
	}
	return s
}

// reserveObject returns the id of a root folder, which no other object gets.
func (p *Portal) reserveObject() int {
	objects := p.table(driveObjects)
	objects.lastID++
	return int(objects.lastID)
}

// storage returns the storage that the argument id names.
func (p *Portal) storage(id any) (*record, error) {
	s := p.storages()
	if i, ok := s.find(php.IntString(id)); ok {
		return s.rows().at(i), nil
	}
	return nil, notFoundOnDisk(php.Number(php.Int(id)))
}

func storageFields() []string {
	return strings.Fields("ID NAME CODE MODULE_ID* ENTITY_TYPE ENTITY_ID ROOT_OBJECT_ID*")
}

// describeFields answers *.getfields of the Drive. A field with * cannot be filtered by.
func describeFields(fields []string) any {
	all := php.Object()
	for _, field := range fields {
		name, only := strings.CutSuffix(field, "*")
		kind := "string"
		switch {
		case strings.HasSuffix(name, "_TIME"):
			kind = "datetime"
		case name == "NAME" || name == "CODE" || name == "MODULE_ID" || name == "ENTITY_TYPE" || name == "ENTITY_ID":
		case name == "TYPE" || name == "DELETED_TYPE":
			kind = "enum"
		default:
			kind = "integer"
		}
		all.Set(name, php.Object("TYPE", kind, "USE_IN_FILTER", !only, "USE_IN_SHOW", true))
	}
	return all
}

func (p *Portal) tellStorage(r *record) any {
	told := php.Object()
	for _, field := range storageFields() {
		name := strings.TrimSuffix(field, "*")
		told.Set(name, text(r.fields[name]))
	}
	return told
}

func getStorage(p *Portal, req Request) (any, error) {
	if err := bindArgs(req, "id"); err != nil {
		return nil, err
	}
	id, _ := req.params.Get("id")
	if !php.IsNumeric(id) {
		return nil, nil //nolint:nilnil // a result of null
	}
	r, err := p.storage(id)
	if err != nil {
		return nil, err
	}
	if p.rootOf(r); r.fields["ROOT_OBJECT_ID"] == nil {
		r, err = p.storage(id)
	}
	return p.tellStorage(r), err
}

// renameStorage answers disk.storage.rename, which only works for the storage of an application.
func renameStorage(p *Portal, req Request) (any, error) {
	if err := bindArgs(req, "id", "newName"); err != nil {
		return nil, err
	}
	id, _ := req.params.Get("id")
	if _, err := p.storage(id); err != nil {
		return nil, err
	}
	return nil, badRequest("", "Access denied (invalid type of storage)")
}

// rootOf returns the root folder of a storage.
func (p *Portal) rootOf(storage *record) *record {
	id := php.Int(storage.fields["ROOT_OBJECT_ID"])
	if id == 0 {
		id = p.reserveObject()
		p.table(driveStorages).set(storage, map[string]any{"ROOT_OBJECT_ID": php.Number(id)})
	}
	if found := p.driveObject(id); found != nil {
		return found
	}
	return &record{id: strconv.Itoa(id), fields: map[string]any{}}
}

func addStorageFolder(p *Portal, req Request) (any, error) {
	if err := bindArgs(req, "id", "array data"); err != nil {
		return nil, err
	}
	id, _ := req.params.Get("id")
	if !php.IsNumeric(id) {
		return nil, nil //nolint:nilnil // a result of null
	}
	name, err := dataName(req)
	if err != nil {
		return nil, err
	}
	r, err := p.storage(id)
	if err != nil {
		return nil, err
	}
	folder, err := p.addFolder(p.rootOf(r), name, req)
	return p.answerFolder(folder, err, req)
}

// listStorage answers disk.storage.getchildren with what is in the root folder. Rows that a test
// seeded for a storage which is not there are returned all the same.
func listStorage(p *Portal, req Request) (any, error) {
	if err := bindArgs(req, "id"); err != nil {
		return nil, err
	}
	id, _ := req.params.Get("id")
	r, err := p.storage(id)
	if err != nil {
		s := p.table("disk.storage.getchildren")
		if s.rows().len() == 0 {
			return nil, err
		}
		return p.linked(req)(list(s, req))
	}
	req.params = req.params.With("id", p.rootOf(r).id)
	return p.linked(req)(list(p.table(driveObjects), req))
}

// uploadToStorage answers disk.storage.uploadfile, which needs the content: only folders have the
// upload in two steps.
func uploadToStorage(p *Portal, req Request) (any, error) {
	if err := bindArgs(req, "id", "fileContent", "array data"); err != nil {
		return nil, err
	}
	name, err := dataName(req)
	if err != nil {
		return nil, err
	}
	id, _ := req.params.Get("id")
	r, err := p.storage(id)
	if err != nil {
		return nil, err
	}
	if v, _ := req.params.Get("rights"); !validRights(v) {
		return nil, badRequest("", "Invalid rights format")
	}
	return p.saveTo(p.rootOf(r), name, req)
}

// validRights reports whether the argument rights is a list of rights, or empty.
func validRights(v any) bool {
	rights, _ := v.(*php.Array)
	return !rights.Contains(func(_ string, v any) bool {
		right, ok := v.(*php.Array)
		if !ok {
			return true
		}
		_, code := right.Isset("ACCESS_CODE")
		_, task := right.Isset("TASK_ID")
		return !code || !task
	})
}

// downloadFile answers a link of a file.
func downloadFile(p *Portal, req Request) (any, error) {
	if req.scope != "disk" {
		return nil, badRequest("ERROR_METHOD_NOT_FOUND", "Method not found!")
	}
	id, _ := req.params.Get("id")
	r := p.driveObject(php.Int(id))
	if r == nil || !isDriveFile(r) {
		return nil, notFoundOnDisk(id)
	}
	b := p.data.files.blob(r.fields["FILE_ID"])
	if b == nil {
		return nil, badRequest("", "Could not get content of file")
	}
	return p.data.files.download(req, b, php.Text(r.fields["NAME"])), nil
}

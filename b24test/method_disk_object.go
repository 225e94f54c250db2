package b24test

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/b24go/b24/b24test/internal/php"
)

// Values of TYPE.
const (
	typeFolder    = "folder"
	typeDriveFile = "file"
)

// errNameTaken is the code for a name that another object of the folder has.
const errNameTaken = "DISK_OBJ_22000"

// driveObject returns a file or a folder by its id; nil if there is none. The root folders of
// storages are not rows.
func (p *Portal) driveObject(id int) *record {
	s := p.table(driveObjects)
	if i, ok := s.find(strconv.Itoa(id)); ok {
		return s.rows().at(i)
	}
	if id <= 0 {
		return nil
	}
	for r := range each(p.storages().rows()) {
		if sameID(r.fields["ROOT_OBJECT_ID"], id) {
			return &record{id: strconv.Itoa(id), fields: map[string]any{
				"ID": php.Number(id), "NAME": r.fields["NAME"], "CODE": nil, "STORAGE_ID": r.id, "TYPE": typeFolder, "REAL_OBJECT_ID": php.Number(id),
				"PARENT_ID": nil, "DELETED_TYPE": php.Number(0), "DELETED_BY": php.Number(0), "CREATED_BY": php.Number(int(p.cfg.userID)),
			}}
		}
	}
	return nil
}

// isDriveFile reports whether an object is a file; a row that a test seeded need not say it.
func isDriveFile(r *record) bool {
	return r.fields["TYPE"] == typeDriveFile || r.fields["TYPE"] == nil && r.fields["FILE_ID"] != nil
}

// folder returns the folder that an argument names.
func (p *Portal) folder(req Request, arg string) (*record, error) { return p.object(req, arg, false) }

// driveFile returns the file that an argument names.
func (p *Portal) driveFile(req Request, arg string) (*record, error) { return p.object(req, arg, true) }

//nolint:revive // flag-parameter: folder and driveFile name it
func (p *Portal) object(req Request, arg string, file bool) (*record, error) {
	id, _ := req.params.Get(arg)
	r := p.driveObject(php.Int(id))
	if r == nil || isDriveFile(r) != file {
		return nil, notFoundOnDisk(id)
	}
	return r, nil
}

func isRoot(r *record) bool { return r.fields["PARENT_ID"] == nil }

func objectFields(r *record) []string {
	if isDriveFile(r) {
		return strings.Fields(`ID NAME CODE STORAGE_ID TYPE PARENT_ID DELETED_TYPE GLOBAL_CONTENT_VERSION* FILE_ID* SIZE* CREATE_TIME UPDATE_TIME DELETE_TIME
			CREATED_BY* UPDATED_BY* DELETED_BY*`)
	}
	return strings.Fields(`ID NAME CODE STORAGE_ID TYPE REAL_OBJECT_ID* PARENT_ID DELETED_TYPE CREATE_TIME UPDATE_TIME DELETE_TIME CREATED_BY* UPDATED_BY*
		DELETED_BY*`)
}

// tellObject returns an object as disk.file.get and disk.folder.get do.
func (p *Portal) tellObject(r *record, req Request) *php.Array {
	told := php.Object()
	for _, field := range objectFields(r) {
		name := strings.TrimSuffix(field, "*")
		told.Set(name, text(r.fields[name]))
	}
	if told.Text("TYPE") == "" {
		told.Set("TYPE", map[bool]string{true: typeDriveFile, false: typeFolder}[isDriveFile(r)])
	}
	p.addLinks(told, r, req)
	return told
}

// tellNew returns an object that the request has created: ids and counters are numbers, and nobody
// has deleted it.
func (p *Portal) tellNew(r *record, req Request) *php.Array {
	told := p.tellObject(r, req)
	for name := range strings.FieldsSeq("ID REAL_OBJECT_ID DELETED_TYPE GLOBAL_CONTENT_VERSION FILE_ID") {
		if v, ok := told.Isset(name); ok {
			told.Set(name, php.Number(php.Int(v)))
		}
	}
	told.Set("DELETED_BY", nil)
	return told
}

// addLinks adds the addresses of an object.
func (p *Portal) addLinks(told *php.Array, r *record, req Request) {
	files := p.data.files
	if told.Text("DOWNLOAD_URL") == "" && isDriveFile(r) {
		told.Set("DOWNLOAD_URL", files.sign(req, methodDownload, "disk", "id="+r.id))
	}
	if told.Text("DETAIL_URL") == "" {
		kind := "path/"
		if isDriveFile(r) {
			kind = "file/"
		}
		told.Set("DETAIL_URL", files.origin(req)+p.cfg.prefix+p.homeOf(r)+kind+strings.Join(p.pathOf(r), "/"))
	}
}

// homeOf returns where the pages of a storage are.
func (p *Portal) homeOf(r *record) string {
	storage, err := p.storage(r.fields["STORAGE_ID"])
	if err != nil {
		return "/docs/"
	}
	switch storage.fields["ENTITY_TYPE"] {
	case "user":
		return "/company/personal/user/" + php.Text(storage.fields["ENTITY_ID"]) + "/disk/"
	case "group":
		return "/workgroups/group/" + php.Text(storage.fields["ENTITY_ID"]) + "/disk/"
	}
	return "/docs/"
}

// pathOf returns the names of an object and of the folders above it, without the root.
func (p *Portal) pathOf(r *record) []string {
	const deepest = 100 // a test may seed folders in a circle
	var path []string
	for r != nil && !isRoot(r) && len(path) < deepest {
		path = append(path, php.Text(r.fields["NAME"]))
		r = p.driveObject(php.Int(r.fields["PARENT_ID"]))
	}
	slices.Reverse(path)
	return path
}

// linked adds the addresses to the rows of a list.
func (p *Portal) linked(req Request) func(value any, err error) (any, error) {
	return func(value any, err error) (any, error) {
		if err != nil {
			return nil, err
		}
		res := resultOf(value)
		rows, ok := res.Value.(*php.Array)
		if !ok {
			return res, nil
		}
		res.Value = rows.Map(func(v any) any {
			row, ok := v.(*php.Array)
			if !ok {
				return v
			}
			r := p.driveObject(row.Int("ID"))
			if r == nil || r.fields["TYPE"] == nil {
				return v // a test seeded it without
			}
			row = row.Clone()
			p.addLinks(row, r, req)
			return row
		})
		return res, nil
	}
}

// children returns what is in a folder and not deleted.
func (p *Portal) children(folder string) []*record {
	var found []*record
	for r := range each(p.table(driveObjects).rows()) {
		if r.fields["PARENT_ID"] != nil && sameID(r.fields["PARENT_ID"], php.Int(folder)) && php.Int(r.fields["DELETED_TYPE"]) == 0 {
			found = append(found, r)
		}
	}
	return found
}

// hasName reports whether a folder has an object with a name. The database ignores letter case.
func (p *Portal) hasName(folder, name, except string) bool {
	return slices.ContainsFunc(p.children(folder), func(r *record) bool {
		return r.id != except && strings.EqualFold(php.Text(r.fields["NAME"]), name)
	})
}

// nameFor returns the name under which an object can be in a folder. A portal counts the files that
// it named so before, the latest first.
//
//nolint:revive // flag-parameter: it is an argument of the method
func (p *Portal) nameFor(folder, name, except, kind string, unique bool) (string, error) {
	if !p.hasName(folder, name, except) {
		return name, nil
	}
	if !unique {
		return "", diskError(errNameTaken, "A "+kind+" with this name already exists")
	}
	main, suffix := cutSuffix(name)
	last, highest := 0, 0
	for _, r := range p.children(folder) {
		middle, ok := strings.CutPrefix(php.Text(r.fields["NAME"]), main+" (")
		count, ends := strings.CutSuffix(middle, ")"+suffix)
		if n, err := strconv.Atoi(count); ok && ends && err == nil && n > 0 {
			last, highest = n, max(highest, n)
		}
	}
	if given := numbered(main, last+1, suffix); !p.hasName(folder, given, except) {
		return given, nil
	}
	return numbered(main, highest+1, suffix), nil
}

func numbered(main string, n int, suffix string) string {
	return main + " (" + strconv.Itoa(n) + ")" + suffix
}

// cutSuffix splits the suffix off a name: two parts of it if the first is short, as in .tar.gz.
func cutSuffix(name string) (main, suffix string) {
	parts := strings.Split(name, ".")
	n := len(parts)
	if n == 1 {
		return name, ""
	}
	at := n - 1
	if n > 2 && shortPart().MatchString(parts[n-2]) {
		at--
	}
	return strings.Join(parts[:at], "."), "." + strings.Join(parts[at:], ".")
}

func shortPart() *regexp.Regexp { return regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9]{1,2}$`) }

// forbiddenInNames are characters that no file has in its name.
const forbiddenInNames = `\/:*?"'<>|~#&;`

// correctName replaces what a name may not have.
func correctName(name string) string {
	return strings.Map(func(c rune) rune {
		if c < ' ' || c == '\u202e' || strings.ContainsRune(forbiddenInNames, c) {
			return '_'
		}
		return c
	}, strings.TrimSpace(name))
}

// newObject stores a file or a folder.
func (p *Portal) newObject(folder *record, name, kind string, req Request) *record {
	s := p.table(driveObjects)
	id := s.nextID()
	fields := map[string]any{
		"ID": s.idValue(id), "NAME": name, "CODE": nil, "STORAGE_ID": php.Text(folder.fields["STORAGE_ID"]), "TYPE": kind, "PARENT_ID": folder.id,
		"DELETED_TYPE": php.Number(0), "DELETE_TIME": nil, "CREATED_BY": p.actor(req), "UPDATED_BY": p.actor(req), "DELETED_BY": php.Number(0),
	}
	if kind == typeFolder {
		fields["REAL_OBJECT_ID"] = s.idValue(id)
	}
	s.stamp(fields, "CREATE_TIME")
	s.stamp(fields, "UPDATE_TIME")
	return s.insert(fields)
}

// actor returns the user of a request; a test acts as that of the webhook.
func (p *Portal) actor(req Request) string {
	if req.User != "" {
		return req.User
	}
	return strconv.FormatInt(p.cfg.userID, 10)
}

package b24test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test/internal/php"
)

// methodFieldFile is the method of the links of files in fields.
const methodFieldFile = "crm.controller.item.getFile"

func fieldFileMethods() map[string]procedure {
	return map[string]procedure{strings.ToLower(methodFieldFile): getFieldFile, "catalog.product.download": downloadProductFile}
}

// classicOwners returns the older entities whose custom fields hold files, by the name that is in
// their addresses.
func classicOwners() map[string]string {
	return map[string]string{"crm.lead": "lead", "crm.deal": "deal", "crm.contact": "contact", "crm.company": "company", "crm.quote": "quote"}
}

// holdsFiles reports whether a field of the family holds files that the portal stores.
func (f *family) holdsFiles(c *custom) bool {
	return c != nil && c.Type == typeFile && (f.aliases != nil || classicOwners()[f.entity] != "")
}

// writeFiles puts the files that a write sends into a row. Nothing here is an error on a portal: what
// it cannot read is dropped.
func (s *store) writeFiles(fields map[string]any, field string, v any) {
	c := s.custom[field]
	old := fileIDs(fields[field])
	var ids []any
	switch {
	case s.fam.aliases != nil && !php.Truthy(v):
	case s.fam.aliases != nil && c.Multiple:
		ids = s.itemFiles(old, v)
	case s.fam.aliases != nil:
		ids = s.itemFile(old, v)
	default:
		var keep bool
		if ids, keep = s.classicFiles(c, v); !keep {
			return
		}
	}
	fields[field] = nil
	if c.Multiple {
		fields[field] = fullValues(php.List(ids...))
	} else if len(ids) > 0 {
		fields[field] = ids[0]
	}
	s.forgetFiles(old, ids)
}

// forgetFiles deletes the files that a field has no longer.
func (s *store) forgetFiles(old, ids []any) {
	kept := map[int]bool{}
	for _, id := range ids {
		kept[php.Int(id)] = true
	}
	for _, id := range old {
		if !kept[php.Int(id)] {
			delete(s.files.blobs, php.Int(id))
		}
	}
}

// fileIDs returns the ids of the files in a field.
func fileIDs(v any) []any {
	var ids []any
	for _, one := range php.Several(v).Values() {
		if !php.IsArray(one) && php.Int(one) > 0 {
			ids = append(ids, php.Number(php.Int(one)))
		}
	}
	return ids
}

func hasID(ids []any, id int) bool {
	for _, one := range ids {
		if php.Int(one) == id {
			return true
		}
	}
	return false
}

// itemFile returns the file of a field that holds one, as crm.item.* reads it: a pair, a text in
// base64, or the id that the field has. With anything else the field becomes empty.
func (s *store) itemFile(old []any, v any) []any {
	if id, ok := ownID(v); ok {
		if hasID(old, id) {
			return old
		}
		return nil
	}
	return s.saved(v)
}

// itemFiles returns the files of a field that holds several, as crm.item.* reads them: what the list
// does not name is deleted. A pair that is not in a list is two texts in base64.
func (s *store) itemFiles(old []any, v any) []any {
	var ids []any
	for _, one := range php.Several(v).Values() {
		id, ok := ownID(one)
		switch {
		case ok && id > 0 && hasID(old, id):
			ids = append(ids, php.Number(id))
		case ok && id > 0:
		default:
			ids = append(ids, s.saved(one)...)
		}
	}
	return ids
}

// ownID returns the id in an object that keeps a file.
func ownID(v any) (int, bool) {
	a, ok := v.(*php.Array)
	if !ok {
		return 0, false
	}
	id, ok := a.Fold("id")
	return php.Int(id), ok && id != nil
}

// saved stores a file and returns its id, or none.
func (s *store) saved(v any) []any {
	b, _ := s.files.save(v)
	if b == nil {
		return nil
	}
	return []any{php.Number(b.id)}
}

// classicFiles returns the files as the older methods read them: only objects with fileData, and with
// remove for the file with an id. A field that holds one is unchanged by anything else (keep is
// false), one that holds several is replaced by whatever could be read.
func (s *store) classicFiles(c *custom, v any) (ids []any, keep bool) {
	if v == nil {
		return nil, true
	}
	values := []any{v}
	if a, ok := v.(*php.Array); ok && c.Multiple && !isNamed(a) {
		values = a.Values()
	}
	for _, one := range values {
		file, ok := one.(*php.Array)
		if !ok || !isNamed(file) {
			continue
		}
		data, _ := file.Get("fileData")
		if list, isList := data.(*php.Array); isList {
			if list.Len() == 1 {
				data = list.Values()[0]
			} else if isNamed(list) {
				data = nil
			}
		}
		if saved := s.saved(data); saved != nil {
			ids, keep = append(ids, saved...), true
		} else if file.Int("id") > 0 && strings.EqualFold(file.Text("remove"), "Y") {
			keep = true
		}
	}
	return ids, keep || c.Multiple
}

// isNamed reports whether a PHP array has a key that is not a number.
func isNamed(a *php.Array) bool {
	return a.Contains(func(key string, _ any) bool {
		_, err := strconv.Atoi(key)
		return err != nil
	})
}

// tellingFiles returns how the files of a field appear in an answer.
func (s *store) tellingFiles(field string, c *custom, req Request) func(id string, v any) any {
	one := func(owner string, file any) any { return s.classicFile(owner, field, file) }
	if s.fam.aliases != nil {
		one = func(owner string, file any) any { return s.fileOfItem(owner, field, file, req) }
	}
	return func(owner string, v any) any {
		ids := fileIDs(v)
		switch {
		case !c.Multiple && len(ids) == 0:
			return nil
		case !c.Multiple:
			return one(owner, ids[0])
		}
		list := php.NewArray()
		for _, id := range ids {
			list.Add(one(owner, id))
		}
		return list
	}
}

// classicFile returns a file of a field as the older methods do: with addresses for a browser that
// has a session.
func (s *store) classicFile(owner, field string, id any) any {
	page := "/bitrix/components/bitrix/crm." + classicOwners()[s.fam.entity] + ".show/show_file.php?"
	rest := "ownerId=" + owner + "&fieldName=" + field + "&dynamic=Y&fileId=" + php.Text(id)
	return php.Object("id", id, "showUrl", page+rest, "downloadUrl", page+"auth=&"+rest)
}

// fileOfItem returns a file of a field as crm.item.* does: with an address for a browser, and with a
// signed link.
func (s *store) fileOfItem(owner, field string, id any, req Request) any {
	query := "entityTypeId=" + strconv.Itoa(s.fam.typeID) + "&id=" + owner + "&fieldName=" + field + "&fileId=" + php.Text(id)
	page := s.files.origin(req) + s.files.p.cfg.prefix + "/bitrix/services/main/ajax.php?action=" + methodFieldFile + "&SITE_ID=s1&" + query
	link := s.files.sign(req, methodFieldFile, "crm", "action="+url.QueryEscape(methodFieldFile)+"&SITE_ID=s1&"+query)
	return php.Object("id", id, "url", page, "urlMachine", link)
}

// getFieldFile answers the link of a file in a field, and the method when it is called by name. If
// the field no longer has the file, the result is null and no error.
func getFieldFile(p *Portal, req Request) (any, error) {
	for _, name := range []string{"entityTypeId", "id", "fieldName", "fileId"} {
		if _, ok := req.params.Get(name); !ok {
			return nil, badRequest("100", "Could not find value for parameter {"+name+"}")
		}
	}
	s, err := p.data.addressed(p.data.families["crm.item"], req)
	if err != nil {
		return nil, err
	}
	i, ok := s.find(req.params.Text("id"))
	if !ok {
		return nil, &b24.Error{Code: "NOT_FOUND", Description: "Item not found", Status: http.StatusBadRequest}
	}
	field, id := req.params.Text("fieldName"), req.params.Int("fileId")
	if !s.fam.holdsFiles(s.custom[field]) {
		return nil, badRequest("0", "Field "+field+" is not a file field")
	}
	b := p.data.files.blobs[id]
	if b == nil || !hasID(fileIDs(s.rows().at(i).fields[field]), id) {
		return nil, nil //nolint:nilnil // a result of null
	}
	return p.data.files.download(req, b, ""), nil
}

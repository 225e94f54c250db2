package b24test

import (
	"github.com/b24go/b24/b24test/internal/php"
)

// recordMethods returns the methods that delete records of the CRM which have requisites, and the one
// that adds records of smart processes.
func recordMethods() map[string]procedure {
	methods := map[string]procedure{"crm.item.add": addItem}
	for _, entity := range []string{"crm.contact", "crm.company", "crm.item"} {
		methods[entity+".delete"] = func(p *Portal, req Request) (any, error) { return p.removeRecord(entity, req) }
	}
	return methods
}

// addItem answers crm.item.add. In a smart process, a record without a category gets the default one,
// and without a stage the first stage of its category, if the smart process has stages.
func addItem(p *Portal, req Request) (any, error) {
	s, err := p.data.addressed(p.data.families["crm.item"], req)
	if err != nil {
		return nil, err
	}
	s = s.seen()
	if s.fam.twin == "" {
		v, _ := s.fam.arg(req, "entityTypeId")
		f := *s.fam
		f.usual = p.usualItem(php.Int(v), req.params.Inner("fields"), &f)
		s = &store{shelf: s.shelf, fam: &f}
	}
	return add(s, req)
}

// usualItem returns the category and the stage of a new record of a smart process.
func (p *Portal) usualItem(typeID int, given *php.Array, f *family) map[string]any {
	usual := map[string]any{}
	category := ""
	for name, v := range given.All() {
		if f.field(name) == "CATEGORY_ID" && php.Int(v) > 0 {
			category = php.IntString(v)
		}
	}
	for r := range each(p.table("crm.category").rows()) {
		if category == "" && sameID(r.fields["entityTypeId"], typeID) && r.fields["isDefault"] == "Y" {
			category = r.id
		}
	}
	if category == "" {
		return usual
	}
	usual["CATEGORY_ID"] = category
	if r := p.typed(typeID); r == nil || r.fields["isStagesEnabled"] != "Y" {
		return usual
	}
	directory, _ := stageDirectory(typeID, php.Int(category))
	var first *record
	for r := range each(p.table("crm.status").rows()) {
		if r.fields["ENTITY_ID"] == directory && (first == nil || compare(r.fields["SORT"], first.fields["SORT"]) < 0) {
			first = r
		}
	}
	if first != nil {
		usual["STAGE_ID"] = php.Text(first.fields["STATUS_ID"])
	}
	return usual
}

// removeRecord deletes a record, and with a contact or company its requisites.
func (p *Portal) removeRecord(entity string, req Request) (any, error) {
	s, err := p.data.addressed(p.data.families[entity], req)
	if err != nil {
		return nil, err
	}
	r, err := s.addressed(req)
	if err != nil {
		return nil, err
	}
	answer, err := remove(s, req)
	if err != nil || r == nil {
		return answer, err
	}
	for typeID, name := range twins() {
		if s.fam.entity == name || s.fam.twin == name {
			p.removeRequisites(typeID, php.Int(r.id))
		}
	}
	return answer, nil
}

// removeRequisites deletes the requisites of a record, with what belongs to them. Only contacts and
// companies have them.
func (p *Portal) removeRequisites(typeID, id int) {
	s := p.table("crm.requisite")
	var gone []*record
	for r := range each(s.rows()) {
		if sameID(r.fields["ENTITY_TYPE_ID"], typeID) && sameID(r.fields["ENTITY_ID"], id) {
			gone = append(gone, r)
		}
	}
	for _, r := range gone {
		_ = removeRequisite(p, r) // it always works
		s.drop(r.id)
	}
}

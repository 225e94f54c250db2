package b24test

import (
	"cmp"
	"slices"
	"strings"

	"github.com/b24go/b24/b24test/internal/php"
)

// linkSort is the distance between the places of linked records.
const linkSort = 10

// links describes how the rows of an entity hold the records that they are linked with.
type links struct {
	owner string // crm.deal
	other string // crm.contact
	field string // the name of the other one in an answer, and of the field with the primary one
	all   string // the field with all of them
}

// linkings returns the pairs of entities whose records are linked.
func linkings() []links {
	return []links{
		{"crm.lead", "crm.contact", "CONTACT_ID", "CONTACT_IDS"},
		{"crm.deal", "crm.contact", "CONTACT_ID", "CONTACT_IDS"},
		{"crm.quote", "crm.contact", "CONTACT_ID", "CONTACT_IDS"},
		{"crm.contact", "crm.company", "COMPANY_ID", "COMPANY_IDS"},
		{"crm.company", "crm.contact", "CONTACT_ID", "CONTACT_ID"},
	}
}

// linked is one linked record.
type linked struct {
	id, sort int // sort 0: not said
	primary  bool
}

// sorts is the member of a row, which no answer has, that holds the places of its linked records.
func (l links) sorts() string { return l.field + ".SORT" }

// linkMethods returns the methods about linked records.
func linkMethods() map[string]procedure {
	methods := map[string]procedure{}
	for _, l := range linkings() {
		prefix := l.owner + "." + strings.TrimPrefix(l.other, "crm.") + "."
		methods[prefix+"fields"] = func(*Portal, Request) (any, error) { return l.describe(), nil }
		methods[prefix+"add"] = func(p *Portal, req Request) (any, error) { return p.addLink(l, req) }
		methods[prefix+"delete"] = func(p *Portal, req Request) (any, error) { return p.deleteLink(l, req) }
		methods[prefix+"items.get"] = func(p *Portal, req Request) (any, error) { return p.getLinks(l, req) }
		methods[prefix+"items.set"] = func(p *Portal, req Request) (any, error) { return p.setLinks(l, req) }
		methods[prefix+"items.delete"] = func(p *Portal, req Request) (any, error) { return p.deleteLinks(l, req) }
	}
	return methods
}

func (l links) describe() *php.Array {
	all := php.Object()
	for _, f := range [][2]string{{"SORT", "integer"}, {"IS_PRIMARY", "char"}, {l.field, "integer"}} {
		all.Set(f[0], php.Object("type", f[1], "isRequired", f[0] == l.field, "isReadOnly", false, "isImmutable", false, "isMultiple", false,
			"isDynamic", false, "title", f[0]))
	}
	return all
}

// linksOf returns the linked records of a row, in order.
func (p *Portal) linksOf(l links, r *record) []linked {
	var ids []int
	several, isList := r.fields[l.all].(*php.Array)
	switch {
	case isList:
		for _, v := range several.All() {
			ids = append(ids, php.Int(v))
		}
	case php.Int(r.fields[l.field]) > 0:
		ids = append(ids, php.Int(r.fields[l.field]))
	}
	primary := php.Int(r.fields[l.field])
	if l.owner == "crm.company" {
		ids = append(ids, p.contactsOf(php.Int(r.id))...)
		primary = 0
	}
	sorts, _ := r.fields[l.sorts()].(*php.Array)
	var list []linked
	for _, id := range ids {
		if id <= 0 || slices.ContainsFunc(list, func(k linked) bool { return k.id == id }) {
			continue
		}
		sort := sorts.Int(php.Number(id).String())
		list = append(list, linked{id: id, sort: cmp.Or(sort, linkSort*(len(list)+1)), primary: id == primary})
	}
	slices.SortStableFunc(list, func(a, b linked) int { return cmp.Compare(a.sort, b.sort) })
	switch {
	case l.owner == "crm.company":
		p.markPrimary(list, php.Int(r.id))
	case len(list) > 0 && !hasPrimary(list):
		list[0].primary = true
	}
	return list
}

func hasPrimary(list []linked) bool {
	return slices.ContainsFunc(list, func(k linked) bool { return k.primary })
}

// contactsOf returns the contacts that name a company.
func (p *Portal) contactsOf(company int) []int {
	var ids []int
	for r := range each(p.table("crm.contact").rows()) {
		list, _ := r.fields["COMPANY_IDS"].(*php.Array)
		if sameID(r.fields["COMPANY_ID"], company) && list == nil || list.Contains(func(_ string, v any) bool { return sameID(v, company) }) {
			ids = append(ids, php.Int(r.id))
		}
	}
	return ids
}

// markPrimary marks the contacts of which a company is the primary one.
func (p *Portal) markPrimary(list []linked, company int) {
	s := p.table("crm.contact")
	for i := range list {
		if at, ok := s.find(php.Number(list[i].id).String()); ok {
			first := s.rows().at(at).fields["COMPANY_ID"]
			list[i].primary = first == nil || sameID(first, company)
			continue
		}
		list[i].primary = true
	}
}

// keepLinks stores the linked records of a row.
func (p *Portal) keepLinks(l links, r *record, list []linked) {
	slices.SortStableFunc(list, func(a, b linked) int { return cmp.Compare(a.sort, b.sort) })
	ids, sorts := php.NewArray(), php.Object()
	changes := map[string]any{}
	if l.owner != "crm.company" {
		changes[l.field] = nil
	}
	for _, k := range list {
		ids.Add(php.Number(k.id))
		sorts.Set(php.Number(k.id).String(), php.Number(k.sort))
		if k.primary && l.owner != "crm.company" {
			changes[l.field] = php.Number(k.id)
		}
	}
	changes[l.all], changes[l.sorts()] = ids, sorts
	p.table(l.owner).set(r, changes)
}

// mirror makes contacts and companies agree after one of them was linked with others, or was not any
// more: there is one table of such pairs.
func (p *Portal) mirror(l links, r *record, before, after []linked) {
	back := slices.IndexFunc(linkings(), func(k links) bool { return k.owner == l.other && k.other == l.owner })
	if back < 0 {
		return
	}
	other, id := linkings()[back], php.Int(r.id)
	s := p.table(l.other)
	for _, k := range slices.Concat(before, after) {
		at, exists := s.find(php.Number(k.id).String())
		if !exists {
			continue
		}
		row := s.rows().at(at)
		same := func(k2 linked) bool { return k2.id == k.id }
		was, is := slices.ContainsFunc(before, same), slices.ContainsFunc(after, same)
		list := slices.DeleteFunc(p.linksOf(other, row), func(k linked) bool { return k.id == id })
		if is && !was {
			for i := range list {
				list[i].primary = false
			}
			list = append(list, linked{id: id, sort: nextSort(list), primary: true})
		} else if is {
			continue
		}
		if len(list) > 0 && !hasPrimary(list) {
			list[lowest(list)].primary = true
		}
		p.keepLinks(other, row, list)
	}
}

// lowest returns the index of the record with the lowest id.
func lowest(list []linked) int {
	at := 0
	for i := range list {
		if list[i].id < list[at].id {
			at = i
		}
	}
	return at
}

func nextSort(list []linked) int {
	last := 0
	for _, k := range list {
		last = max(last, k.sort)
	}
	return last + linkSort
}

// linkOwner returns the row that a request names; nil if it does not exist.
func (p *Portal) linkOwner(l links, req Request, wrong string) (*record, error) {
	v, _ := req.params.FirstSet("ID", "id")
	id := php.Int(v)
	if id <= 0 {
		return nil, badRequest("", wrong)
	}
	s := p.table(l.owner)
	if at, ok := s.find(php.Number(id).String()); ok {
		return s.rows().at(at), nil
	}
	return nil, nil //nolint:nilnil // documented
}

const (
	wrongLinkOwner      = "The parameter 'ownerEntityID' is invalid or not defined."
	wrongLinksOwner     = "The parameter ownerEntityID is invalid or not defined."
	wrongLink           = "The parameter 'fields' is not valid."
	missingLinkedRecord = "Not found."
)

func (p *Portal) getLinks(l links, req Request) (any, error) {
	r, err := p.linkOwner(l, req, wrongLinksOwner)
	list := php.NewArray()
	switch {
	case err != nil:
		return nil, err
	case r == nil && l.owner == "crm.deal":
		return nil, badRequest("", "Not found")
	case r == nil:
		return list, nil
	}
	for _, k := range p.linksOf(l, r) {
		list.Add(php.Object(l.field, php.Number(k.id), "SORT", php.Number(k.sort), "ROLE_ID", php.Number(0), "IS_PRIMARY", letter(k.primary)))
	}
	return list, nil
}

func (p *Portal) deleteLinks(l links, req Request) (any, error) {
	r, err := p.linkOwner(l, req, wrongLinksOwner)
	switch {
	case err != nil:
		return nil, err
	case r == nil && l.owner == "crm.deal":
		return nil, badRequest("", "Not found")
	case r != nil:
		p.relink(l, r, nil)
	}
	return true, nil
}

// relink replaces the linked records of a row.
func (p *Portal) relink(l links, r *record, list []linked) {
	before := p.linksOf(l, r)
	p.keepLinks(l, r, list)
	p.mirror(l, r, before, list)
}

// setLinks answers *.items.set: elements without an id are ignored, and of several for one record
// the last counts.
func (p *Portal) setLinks(l links, req Request) (any, error) {
	r, err := p.linkOwner(l, req, wrongLinksOwner)
	if err != nil {
		return nil, err
	}
	v, _ := req.params.FirstSet("items", "ITEMS", "Items")
	items, isList := v.(*php.Array)
	switch {
	case !isList:
		return nil, badRequest("", "The parameter items must be array.")
	case r == nil:
		return nil, badRequest("", missingLinkedRecord)
	}
	var list []linked
	primary := false
	for i := range items.Len() {
		fields := items.Inner(php.Number(i).String())
		k := linked{id: fields.Int(l.field), sort: fields.Int("SORT"), primary: fields.Text("IS_PRIMARY") == "Y" && !primary}
		if k.id <= 0 {
			continue
		}
		primary = primary || k.primary
		if k.sort <= 0 {
			k.sort = linkSort * (i + 1)
		}
		list = slices.DeleteFunc(list, func(old linked) bool { return old.id == k.id })
		list = append(list, k)
	}
	if len(list) > 0 && !hasPrimary(list) {
		list[0].primary = true
	}
	p.relink(l, r, list)
	return true, nil
}

// linkArgs returns the row and the linked record that the arguments of *.add and *.delete name.
func (p *Portal) linkArgs(l links, req Request, argument string) (r *record, fields *php.Array, err error) {
	if r, err = p.linkOwner(l, req, wrongLinkOwner); err != nil {
		return nil, nil, err
	}
	v, _ := req.params.FirstSet("fields", "FIELDS", "Fields")
	fields, isMap := v.(*php.Array)
	switch {
	case !isMap:
		return nil, nil, badRequest("", "The parameter '"+argument+"' must be array.")
	case r == nil:
		return nil, nil, badRequest("", missingLinkedRecord)
	case fields.Int(l.field) <= 0:
		return nil, nil, badRequest("", wrongLink)
	}
	return r, fields, nil
}

// addLink answers *.add: false means that the records are linked already.
func (p *Portal) addLink(l links, req Request) (any, error) {
	r, fields, err := p.linkArgs(l, req, "fields")
	if err != nil {
		return nil, err
	}
	list := p.linksOf(l, r)
	k := linked{id: fields.Int(l.field), sort: fields.Int("SORT"), primary: fields.Text("IS_PRIMARY") == "Y" || len(list) == 0}
	if slices.ContainsFunc(list, func(old linked) bool { return old.id == k.id }) {
		return false, nil
	}
	if k.primary {
		for i := range list {
			list[i].primary = false
		}
	}
	if k.sort <= 0 {
		k.sort = nextSort(list)
	}
	p.relink(l, r, append(list, k))
	return true, nil
}

// deleteLink answers *.delete: false means that the records are not linked.
func (p *Portal) deleteLink(l links, req Request) (any, error) {
	r, fields, err := p.linkArgs(l, req, "item")
	if err != nil {
		return nil, err
	}
	list := p.linksOf(l, r)
	at := slices.IndexFunc(list, func(k linked) bool { return k.id == fields.Int(l.field) })
	if at < 0 {
		return false, nil
	}
	wasPrimary := list[at].primary
	list = slices.Delete(list, at, at+1)
	if wasPrimary && len(list) > 0 && !hasPrimary(list) {
		list[0].primary = true
	}
	p.relink(l, r, list)
	return true, nil
}

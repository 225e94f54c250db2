package b24test

import (
	"slices"

	"github.com/b24go/b24/b24test/internal/php"
)

// dealType is the entityTypeId of deals.
const dealType = 2

// generalCategory is the name of the category that every portal has.
const generalCategory = "General"

// categories answers crm.category.list. Deals, contacts and companies have the category 0, which a
// test does not have to seed.
func categories(s *store, req Request) (any, error) {
	a, err := s.listArgs(req)
	if err != nil {
		return nil, err
	}
	where, err := s.where(req, a.filter)
	if err != nil {
		return nil, err
	}
	q := query{where: where, window: window{limit: everything, count: true}}
	p := s.page(q)
	v, _ := s.fam.arg(req, "entityTypeId")
	usual := usualCategory(php.Int(v))
	seeded := slices.ContainsFunc(p.rows, func(r *record) bool { return r.id == "0" })
	if usual != nil && !seeded && matchAll(usual.fields, where) {
		p.rows = slices.Insert(p.rows, 0, usual)
		p.total++
	}
	slices.SortStableFunc(p.rows, func(a, b *record) int { return compareEmpty(a.fields["sort"], b.fields["sort"]) })
	q.count = s.window(req).count
	return s.pageResult(req, q, p, nil), nil
}

// usualCategory returns the category 0 of a type, if it has one.
func usualCategory(typeID int) *record {
	r := &record{id: "0", fields: map[string]any{
		"id": php.Number(0), "name": generalCategory, "entityTypeId": php.Number(typeID), "isDefault": "Y",
	}}
	switch typeID {
	case dealType:
		r.fields["sort"] = php.Number(300)
	case 3, 4:
		r.fields["sort"], r.fields["isSystem"], r.fields["code"] = php.Number(0), "Y", ""
	default:
		return nil
	}
	return r
}

// dealCategories returns the view that crm.dealcategory.* has of the categories: those of deals,
// without the category 0, in capitals.
func dealCategories(s *store) *store {
	older := newStore(s.fam, newShelf(s.serial))
	for r := range each(s.rows()) {
		if t := r.fields["entityTypeId"]; r.id == "0" || t != nil && php.Int(t) != dealType {
			continue
		}
		fields := map[string]any{}
		for field, v := range r.fields {
			if _, ok := s.fam.traits[snakeCapitals(field)]; ok {
				fields[snakeCapitals(field)] = v
			}
		}
		older.put(&record{id: r.id, fields: fields})
	}
	return older
}

// defaultCategory answers crm.dealcategory.default.get.
func defaultCategory(*store, Request) (any, error) {
	return php.Object("ID", php.Number(0), "NAME", generalCategory), nil
}

package b24test

import (
	"cmp"
	"maps"
	"strings"

	"github.com/b24go/b24/b24test/internal/php"
)

// requisiteMethods returns the methods of requisites, their presets, bank details, links and
// addresses (docs/protocol.md 5).
func requisiteMethods() map[string]procedure {
	methods := methodsOf(
		resource{entity: "crm.requisite", lost: lostRequisite("Requisite"), settle: settleRequisite, removes: removeRequisite},
		resource{entity: "crm.requisite.bankdetail", lost: lostRequisite("RequisiteBankDetail"), settle: settleBankDetail},
		resource{entity: "crm.requisite.preset", lost: lostRequisite("Preset"), settle: settlePreset, removes: removePreset},
	)
	maps.Copy(methods, map[string]procedure{
		"crm.requisite.preset.countries": countries,
		"crm.requisite.link.get":         requisiteLink,
		"crm.requisite.link.register":    registerLink,
		"crm.requisite.link.unregister":  unregisterLink,
		"crm.address.add":                addAddress,
		"crm.address.update":             updateAddress,
		"crm.address.delete":             deleteAddress,
		"crm.enum.addresstype":           addressTypes,
	})
	return methods
}

func lostRequisite(name string) func(id string) error {
	return func(id string) error { return badRequest("", "The "+name+" with ID '"+id+"' is not found") }
}

// undefined returns the error for a field or argument without a valid id.
func undefined(name string) error { return badRequest("", name+" is not defined or invalid.") }

// settleRequisite completes a requisite. Its owner is a contact, a company or another record.
func settleRequisite(p *Portal, w *writing) error {
	if w.old != nil {
		w.fields["MODIFY_BY_ID"] = w.req.user()
		return nil
	}
	for _, name := range []string{"ENTITY_TYPE_ID", "ENTITY_ID", "PRESET_ID"} {
		if php.Int(w.fields[name]) <= 0 {
			return undefined(name)
		}
	}
	if !p.exists(php.Int(w.fields["ENTITY_TYPE_ID"]), php.Int(w.fields["ENTITY_ID"])) {
		return badRequest("", "Entity not found.")
	}
	w.usual("ACTIVE", "Y", "ADDRESS_ONLY", "N", "SORT", "500")
	w.fields["CREATED_BY_ID"] = w.req.user()
	return nil
}

// usual gives an added row values for fields that the write did not name.
func (w *writing) usual(pairs ...any) {
	for i := 0; i+1 < len(pairs); i += 2 {
		name, _ := pairs[i].(string)
		if w.old == nil && w.fields[name] == nil {
			w.fields[name] = pairs[i+1]
		}
	}
}

// removeRequisite removes what belongs to a requisite.
func removeRequisite(p *Portal, r *record) error {
	id := php.Int(r.id)
	p.table("crm.address").dropAll(func(fields map[string]any) bool {
		return sameID(fields["ENTITY_TYPE_ID"], requisiteType) && sameID(fields["ENTITY_ID"], id)
	})
	p.table("crm.requisite.bankdetail").dropAll(func(fields map[string]any) bool { return sameID(fields["ENTITY_ID"], id) })
	p.table("crm.requisite.link").dropAll(func(fields map[string]any) bool { return sameID(fields["REQUISITE_ID"], id) })
	return nil
}

func settleBankDetail(_ *Portal, w *writing) error {
	if w.old != nil {
		w.fields["MODIFY_BY_ID"] = w.req.user()
		return nil
	}
	if php.Int(w.fields["ENTITY_ID"]) <= 0 {
		return undefined("ENTITY_ID")
	}
	w.usual("ACTIVE", "Y", "SORT", "500")
	w.fields["ENTITY_TYPE_ID"], w.fields["CREATED_BY_ID"] = php.Number(requisiteType), w.req.user()
	return nil
}

func settlePreset(_ *Portal, w *writing) error {
	if w.old != nil {
		w.fields["MODIFY_BY_ID"] = w.req.user()
		return nil
	}
	if php.Int(w.fields["ENTITY_TYPE_ID"]) != requisiteType {
		return undefined("ENTITY_TYPE_ID")
	}
	w.usual("ACTIVE", "Y", "SORT", "500")
	w.fields["CREATED_BY_ID"] = w.req.user()
	return nil
}

func removePreset(p *Portal, r *record) error {
	for other := range each(p.table("crm.requisite").rows()) {
		if sameID(other.fields["PRESET_ID"], php.Int(r.id)) {
			return badRequest("", "You cannot delete the template because requisites have already been created for it")
		}
	}
	return nil
}

func countries(*Portal, Request) (any, error) {
	list := php.NewArray()
	for line := range strings.SplitSeq("1 RU Russia;4 BY Belarus;6 KZ Kazakhstan;14 UA Ukraine;34 BR Brazil;46 DE Germany;77 CO Colombia;110 PL Poland;"+
		"122 US United States;132 FR France", ";") {
		id, rest, _ := strings.Cut(line, " ")
		code, title, _ := strings.Cut(rest, " ")
		list.Add(php.Object("ID", php.Number(php.Int(id)), "CODE", code, "TITLE", title))
	}
	return list, nil
}

// linkFields are the fields of a link of a record with requisites, after those of the record.
func linkFields() []string {
	return []string{"REQUISITE_ID", "BANK_DETAIL_ID", "MC_REQUISITE_ID", "MC_BANK_DETAIL_ID"}
}

// link returns the link of the record that two arguments name.
func (p *Portal) link(req Request) (s *store, found *record, err error) {
	s = p.table("crm.requisite.link")
	var ids [2]int
	for i, name := range []string{"entityTypeId", "entityId"} {
		v, _ := s.fam.arg(req, name)
		if ids[i] = php.Int(v); ids[i] <= 0 {
			return nil, nil, undefined(name)
		}
	}
	return s, s.keyed(map[string]int{"ENTITY_TYPE_ID": ids[0], "ENTITY_ID": ids[1]}), nil
}

// keyed returns the row whose fields have the ids; nil if there is none.
func (s *store) keyed(ids map[string]int) *record {
	for r := range each(s.rows()) {
		same := true
		for name, id := range ids {
			same = same && sameID(r.fields[name], id)
		}
		if same {
			return r
		}
	}
	return nil
}

func requisiteLink(p *Portal, req Request) (any, error) {
	s, r, err := p.link(req)
	if err != nil {
		return nil, err
	}
	if r == nil {
		return nil, badRequest("", "Not found")
	}
	row := s.whole(r, req)
	for _, name := range []string{"ENTITY_TYPE_ID", "ENTITY_ID"} {
		row.Set(name, php.Number(row.Int(name))) // they are the arguments, not values of the row
	}
	return row, nil
}

func registerLink(p *Portal, req Request) (any, error) {
	s := p.table("crm.requisite.link")
	values, err := s.fieldsArg(req)
	if err != nil {
		return nil, err
	}
	fields := map[string]any{}
	for i, name := range append([]string{"ENTITY_TYPE_ID", "ENTITY_ID"}, linkFields()...) {
		if n, given := values.Isset(name); !given || php.Int(n) < 0 || i < 2 && php.Int(n) == 0 {
			return nil, undefined(name)
		}
		fields[name] = php.Number(values.Int(name))
	}
	switch {
	case !p.exists(values.Int("ENTITY_TYPE_ID"), values.Int("ENTITY_ID")):
		return nil, badRequest("", "Entity is not found")
	case values.Int("REQUISITE_ID") > 0 && !p.exists(requisiteType, values.Int("REQUISITE_ID")):
		return nil, lostRequisite("Requisite")(values.Text("REQUISITE_ID"))
	case values.Int("MC_REQUISITE_ID") > 0 && !p.exists(requisiteType, values.Int("MC_REQUISITE_ID")):
		return nil, badRequest("", "The Requisite of your company with ID '"+values.Text("MC_REQUISITE_ID")+"' is not found")
	}
	if old := s.keyed(map[string]int{"ENTITY_TYPE_ID": values.Int("ENTITY_TYPE_ID"), "ENTITY_ID": values.Int("ENTITY_ID")}); old != nil {
		s.set(old, fields)
		return true, nil
	}
	s.insert(fields)
	return true, nil
}

func unregisterLink(p *Portal, req Request) (any, error) {
	s, r, err := p.link(req)
	if err != nil {
		return nil, err
	}
	if r != nil {
		s.drop(r.id)
	}
	return true, nil
}

// addressTypes answers crm.enum.addresstype.
func addressTypes(*Portal, Request) (any, error) {
	list := php.NewArray()
	for _, kind := range addressKinds() {
		list.Add(php.Object("ID", php.Number(kind.id), "NAME", kind.name, "SYMBOL_CODE", nil, "SYMBOL_CODE_SHORT", nil))
	}
	return list, nil
}

// named is an id with a name.
type named struct {
	id   int
	name string
}

func addressKinds() []named {
	return []named{
		{11, "Delivery address"}, {1, "Street address"}, {6, "Legal address"}, {4, "Registered address"}, {8, "Correspondence address"}, {9, "Beneficiary address"},
	}
}

// address returns the address that the fields of a request name by its keys.
func (p *Portal) address(req Request) (s *store, values *php.Array, found *record, err error) {
	s = p.table("crm.address")
	if values, err = s.fieldsArg(req); err != nil {
		return nil, nil, nil, err
	}
	ids := map[string]int{}
	for _, name := range []string{"TYPE_ID", "ENTITY_TYPE_ID", "ENTITY_ID"} {
		ids[name] = values.Int(name)
		if ids[name] <= 0 || name == "TYPE_ID" && !isAddressKind(ids[name]) {
			return nil, nil, nil, undefined(name)
		}
	}
	return s, values, s.keyed(ids), nil
}

func isAddressKind(id int) bool {
	for _, kind := range addressKinds() {
		if kind.id == id {
			return true
		}
	}
	return false
}

func addAddress(p *Portal, req Request) (any, error) {
	s, values, found, err := p.address(req)
	if err != nil {
		return nil, err
	}
	if found != nil {
		return nil, badRequest("", "TypeAddress exists.")
	}
	fields := map[string]any{}
	s.write(fields, req, values, true)
	anchorType, anchor := values.Int("ENTITY_TYPE_ID"), values.Int("ENTITY_ID")
	if anchorType == requisiteType {
		anchorType, anchor = p.anchor(anchor)
	}
	fields["ANCHOR_TYPE_ID"], fields["ANCHOR_ID"] = php.Number(anchorType), php.Number(anchor)
	fields["LOC_ADDR_ID"] = php.Number(cmp.Or(php.Int(fields["LOC_ADDR_ID"]), s.placed+1))
	s.insert(fields)
	return true, nil
}

// anchor returns the owner of a requisite.
func (p *Portal) anchor(requisite int) (typeID, id int) {
	r := p.owner(requisiteType, requisite)
	if r == nil {
		return 0, 0 // a portal stores the address of a requisite that does not exist
	}
	return php.Int(r.fields["ENTITY_TYPE_ID"]), php.Int(r.fields["ENTITY_ID"])
}

func updateAddress(p *Portal, req Request) (any, error) {
	s, values, found, err := p.address(req)
	if err != nil {
		return nil, err
	}
	if found == nil {
		return nil, badRequest("", "TypeAddress not found.")
	}
	fields := map[string]any{}
	s.write(fields, req, values, false)
	s.set(found, fields)
	return true, nil
}

func deleteAddress(p *Portal, req Request) (any, error) {
	s, _, found, err := p.address(req)
	if err != nil {
		return nil, err
	}
	if found == nil {
		return nil, badRequest("", "TypeAddress not found.")
	}
	s.drop(found.id)
	return true, nil
}

package b24test

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/b24go/b24/b24test/internal/php"
)

// Field describes a field of an entity of the classic API, see [Portal.Define].
type Field struct {
	// Name is the name in capitals: UF_CRM_COLOR. crm.item.* calls that field ufCrmColor.
	Name string
	// Type is a type of crm.userfield.types: string, integer, double, boolean, enumeration, date,
	// datetime, money, url, address, file, employee, crm_status, iblock_section, iblock_element or
	// crm. "" means string.
	Type string
	// Label is what users see. "" means no label.
	Label string
	// Items holds the texts of an enumeration. Their ids count all items of the portal in the order
	// of definition, from 1.
	Items []string
	// Multiple makes the field hold a list of values. A boolean cannot.
	Multiple bool
	// Required is only reported, as isRequired and MANDATORY: a write without the field succeeds.
	Required bool
}

// Define adds fields to an entity, named as in [Portal.Seed], or creates an entity that the portal
// does not have. A wrong name or type, and a field that exists already, fail the test.
//
// On an existing entity, the fields are custom ones, whose names begin with UF_: "crm.deal" and
// "crm.item:2" share them. They are the same as fields that a program adds: the *.fields methods
// describe them, and crm.deal.userfield.* and its siblings and userfieldconfig.* list, change and
// delete them, with their values. Rows hold values of their type, however they were written: a
// boolean is 1 or 0 (Y or N in crm.item.*), an enumeration holds ids of items, a field with several
// values is a list or false. As on a portal, a write through an older method takes "N" for true,
// because PHP does; one that is not a number is refused by integer and double, and ignored by a
// date. In [Portal.Seed] such values, and an enumeration with the text of an item, fail the test.
// Define a field before rows that have it.
//
// As soon as a test or a request has named a custom field of an entity, here, in a row or by
// userfieldconfig.add, the entity has no others: a write drops a misspelled name, a filter of an
// older method ignores it, and crm.item.list refuses it. Otherwise any name that begins with UF_ is
// a field.
//
// A new entity gets the methods list, get, add, update, delete and fields of the classic CRM, with
// the id ID. Without fields it takes any field; otherwise writes silently drop all others. See
// [V3.Define] for REST 3.0.
func (p *Portal) Define(entity string, fields ...Field) {
	if err := p.data.define(entity, fields); err != nil {
		p.report(fmt.Sprintf("b24test: define %s: %v", entity, err))
	}
}

// define adds fields to an entity, all or none.
func (d *database) define(name string, fields []Field) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	base, _, _ := strings.Cut(d.key(name), ":")
	if d.families[base] == nil {
		return d.create(name, fields)
	}
	s, err := d.store(name)
	switch {
	case err != nil:
		return err
	case len(fields) > 0 && (s.fam.view != nil || s.fam.shelf != "" || s.fam.id == ""):
		return errors.New("its rows have no custom fields")
	}
	if err := checkFields(fields, s.definable); err != nil {
		return err
	}
	return d.addFields(name, fields)
}

// create registers an entity that the portal does not have. The caller holds the lock.
func (d *database) create(name string, fields []Field) error {
	base, _, typed := strings.Cut(name, ":")
	if _, isV3 := knownV3()[name]; isV3 || typed {
		return d.unknown(base)
	}
	if err := checkEntity(name); err != nil {
		return err
	}
	if err := checkFields(fields, isDefinable); err != nil {
		return err
	}
	f := classic(name)
	f.created, f.changed, f.invented = "", "", true
	if len(fields) > 0 {
		f.traits, f.strays = traitsOf("ID#*"), [3]stray{}
	}
	d.register(&f)
	return d.addFields(name, fields)
}

// checkEntity reports whether a new entity may have a name: that of an existing method would hide
// the method.
func checkEntity(name string) error {
	parts := strings.Split(name, ".")
	switch {
	case slices.Contains(parts, "") || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_.") != "":
		return errors.New("the name of an entity has small letters, like crm.deal")
	case slices.Contains(strings.Fields("list get add update delete fields"), parts[len(parts)-1]):
		return errors.New("name the entity without its method, like crm.deal")
	}
	return nil
}

// checkFields returns the first reason why fields cannot be defined.
func checkFields(fields []Field, check func(Field) error) error {
	names := map[string]bool{}
	for i, f := range fields {
		err := cmp.Or(f.check(), check(f))
		if err == nil && names[f.Name] {
			err = errors.New("it is defined twice")
		}
		if err != nil {
			return fmt.Errorf("field %d, %q: %w", i, f.Name, err)
		}
		names[f.Name] = true
	}
	return nil
}

// isDefinable reports whether a new entity may have a field.
func isDefinable(f Field) error {
	if f.Name == "ID" {
		return errors.New("every entity has it")
	}
	return nil
}

// definable reports whether the entity may get a field.
func (s *store) definable(f Field) error {
	name := s.fam.field(f.Name)
	_, documented := s.fam.traits[name]
	switch {
	case s.custom[name] != nil, documented, name == s.fam.id:
		return errors.New("the entity has it already")
	case s.held[name]:
		return errors.New("rows have it already: define it before them")
	case !s.fam.invented && !strings.HasPrefix(f.Name, "UF_"):
		return errors.New("the name of a custom field begins with UF_")
	}
	return nil
}

// check reports whether a field is possible at all.
func (f Field) check() error {
	types := customTypes()
	switch {
	case strings.Trim(f.Name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != "" || strings.Trim(f.Name, "_") == "":
		return errors.New("the name of a field has capitals, digits and _, like UF_CRM_COLOR")
	case f.Type != "" && !slices.Contains(types, f.Type):
		if near := nearest(f.Type, types); near != "" {
			return fmt.Errorf("there is no type %q: did you mean %s?", f.Type, near)
		}
		return fmt.Errorf("there is no type %q: a portal has %s", f.Type, strings.Join(types, ", "))
	case f.Type == typeBoolean && f.Multiple:
		return errors.New("a boolean has one value")
	case f.Type != typeEnumeration && len(f.Items) > 0:
		return errors.New("only an enumeration has items")
	case slices.ContainsFunc(f.Items, func(item string) bool { return strings.TrimSpace(item) == "" }):
		return errors.New("an item has no text")
	}
	return nil
}

// addFields adds fields that were checked. The caller holds the lock.
func (d *database) addFields(name string, fields []Field) error {
	entity := d.key(name)
	if _, typeID, typed := strings.Cut(entity, ":"); typed {
		entity = cmp.Or(twins()[php.Int(typeID)], entity)
	}
	for _, f := range fields {
		if err := d.addSettings(entity, f); err != nil {
			return err
		}
	}
	return nil
}

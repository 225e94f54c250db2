package b24test

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/b24go/b24/b24test/internal/php"
)

// itemChange is what a request does with an item of an enumeration.
type itemChange struct {
	id    int    // 0: a new one
	value string // "": a new one is ignored, an existing one deleted
	sort  any    // nil: unchanged, of a new one the usual one
	def   any    // nil: unchanged
	xmlID string
	drop  bool
}

// usualItemSort is the place of an item of which a request does not say it.
const usualItemSort = 500

// changeItems changes the items of a row of settings, all or none. One that no change names stays.
func (d *database) changeItems(row map[string]any, changes []itemChange) error {
	old, _ := row["enum"].(*php.Array)
	if err := d.nameItems(old, changes); err != nil {
		return err
	}
	items := php.NewArray()
	for _, v := range old.All() {
		item, _ := v.(*php.Array)
		i := slices.IndexFunc(changes, func(c itemChange) bool { return c.id > 0 && c.id == item.Int("id") })
		switch {
		case i < 0:
			items.Add(item)
		case changes[i].value != "" && !changes[i].drop:
			items.Add(changes[i].apply(item.Clone()))
		}
	}
	for _, c := range changes {
		if c.id == 0 && c.value != "" && !c.drop {
			d.items++
			items.Add(c.apply(php.Object("id", php.Number(d.items).String(), "userFieldId", php.Text(row["id"]), "value", "", "def", "N",
				"sort", php.Number(usualItemSort).String(), "xmlId", "")))
		}
	}
	row["enum"] = php.List(slices.SortedStableFunc(slices.Values(items.Values()), bySort)...)
	return nil
}

// nameItems completes the external ids, which are unique in a field. As on a portal, one that a
// change does not name is made of the text, so that a new item cannot have the text of another new
// one.
func (d *database) nameItems(old *php.Array, changes []itemChange) error {
	used := map[string]int{}
	for _, v := range old.All() {
		if item, ok := v.(*php.Array); ok {
			used[item.Text("xmlId")] = item.Int("id")
		}
	}
	salt := strconv.Itoa(d.items)
	for i := range changes {
		c := &changes[i]
		if c.drop || c.value == "" {
			continue
		}
		if c.xmlID == "" && c.id == 0 {
			c.xmlID = xmlID(salt + c.value)
		} else if c.xmlID == "" {
			c.xmlID = xmlID(c.value)
		}
		if id, ok := used[c.xmlID]; ok && (id != c.id || c.id == 0) {
			return errors.New("List item with value XML_ID=" + c.xmlID + " already exists.")
		}
		used[c.xmlID] = c.id
	}
	return nil
}

// xmlID returns an external id that looks random and is always the same for a text.
func xmlID(text string) string {
	return fmt.Sprintf("%08x%08x%08x%08x", shuffle(text), shuffle("b"+text), shuffle("c"+text), shuffle("d"+text))
}

// apply changes an item.
func (c itemChange) apply(item *php.Array) *php.Array {
	item.Set("value", c.value)
	item.Set("xmlId", c.xmlID)
	if c.sort != nil {
		item.Set("sort", php.IntString(c.sort))
	}
	if c.def != nil {
		item.Set("def", letter(c.def == "Y"))
	}
	return item
}

// bySort compares items of an enumeration by their place.
func bySort(a, b any) int {
	x, _ := a.(*php.Array)
	y, _ := b.(*php.Array)
	return compare(x.Text("sort"), y.Text("sort"))
}

package b24test

import "strings"

// documentedFields returns the names of the fields that an entity has on every portal, except
// custom ones; nil if they are not known.
func documentedFields(entity string) []string {
	var names []string
	for word := range strings.FieldsSeq(fieldWords(entity)) {
		names = append(names, strings.TrimRight(word, fieldMarks))
	}
	return names
}

// fieldMarks follow a name in the tables of fields: # whole number, ~ number with a fraction, ? Y
// or N, @ time or date, + several values, ! Y for the letter only, = an update cannot empty it, *
// read-only, ^ only an add writes it.
const fieldMarks = "#~?@+!=*^"

// trait describes a field. The zero trait is a text that any write may set.
type trait struct {
	whole    bool
	fraction bool
	flag     bool
	moment   bool
	strict   bool
	several  bool
	lasting  bool
	readOnly bool
	addOnly  bool
}

// fieldTraits returns the fields of documentedFields with their traits.
func fieldTraits(entity string) map[string]trait { return traitsOf(fieldWords(entity)) }

// traitsOf returns the names in a text with the traits that their marks describe.
func traitsOf(words string) map[string]trait {
	traits := map[string]trait{}
	for word := range strings.FieldsSeq(words) {
		name := strings.TrimRight(word, fieldMarks)
		marks := word[len(name):]
		traits[name] = trait{
			whole:    strings.Contains(marks, "#"),
			fraction: strings.Contains(marks, "~"),
			flag:     strings.Contains(marks, "?"),
			moment:   strings.Contains(marks, "@"),
			strict:   strings.Contains(marks, "!"),
			several:  strings.Contains(marks, "+"),
			lasting:  strings.Contains(marks, "="),
			readOnly: strings.Contains(marks, "*"),
			addOnly:  strings.Contains(marks, "^"),
		}
	}
	return traits
}

// fieldWords returns the names of an entity's fields with their marks.
func fieldWords(entity string) string {
	if rest, ok := strings.CutPrefix(entity, "crm."); ok {
		switch _, part, _ := strings.Cut(rest, "."); part {
		case "userfield":
			entity = "userfield"
		case "productrows":
			entity = "crm.productrow"
		}
	}
	switch entity {
	case "catalog.product.offer", "catalog.product.service", "catalog.product.sku":
		entity = "catalog.product"
	}
	tables := []func() map[string]string{
		recordFieldNames, crmFieldNames, requisiteFieldNames, itemFieldNames, peopleFieldNames, taskFieldNames, processFieldNames, talkFieldNames,
		fileFieldNames, catalogFieldNames, orderFieldNames, listFieldNames, catalogViewNames, orderViewNames,
	}
	for _, table := range tables {
		if words, ok := table()[entity]; ok {
			return words
		}
	}
	return ""
}

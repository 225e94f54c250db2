package b24test

import "strings"

// documentedFields are the names of the fields that an entity has on every portal, beside custom ones; nil if it is not known.
func documentedFields(entity string) []string {
	var names []string
	for word := range strings.FieldsSeq(fieldWords(entity)) {
		names = append(names, strings.TrimRight(word, fieldMarks))
	}
	return names
}

// fieldMarks follow a name in the tables of fields: # whole number, ~ number with a fraction, ? Y or N, @ moment or day,
// + several values, ! Y for the letter alone, = an update cannot empty it, * nobody writes it, ^ only an add writes it.
const fieldMarks = "#~?@+!=*^"

// trait says what a field is like. The zero trait is a text that anybody may write.
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

// fieldTraits are the fields of documentedFields with what they are like.
func fieldTraits(entity string) map[string]trait { return traitsOf(fieldWords(entity)) }

// traitsOf are the names in a text with what their marks say.
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

// fieldWords are the names of an entity's fields with their marks.
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

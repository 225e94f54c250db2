package scan

import (
	"cmp"
	"slices"
	"strings"

	"github.com/b24go/b24/internal/jsonwalk"
)

// takeSelect ensures that the rows include their id.
func (form *keyForm) takeSelect(list *args, f *Facts, _ *span) (bad *flaw) {
	form.sel, bad = selectWith(list, f, form.selKey)
	return bad
}

// selectWith takes the caller's select and adds the keys it lacks.
func selectWith(list *args, f *Facts, keys ...string) (arg, *flaw) {
	if f.Select == "" || strings.Contains(f.Select, ".") {
		return arg{}, nil
	}
	sel, bad := list.take(f.Select)
	if bad != nil || nothing(sel.value) {
		return sel, bad
	}
	missing := slices.Clone(keys)
	whole := jsonwalk.Elements(sel.value, func(value []byte) bool {
		name := plain(value)
		missing = slices.DeleteFunc(missing, func(key string) bool {
			return name == "*" || name == key || f.Letters != LettersCount && strings.EqualFold(name, key)
		})
		return true
	})
	if whole && len(missing) > 0 {
		fields := slices.Clip(sel.value[:len(sel.value)-1])
		for _, key := range missing {
			fields = append(append(fields, ','), quote(key)...)
		}
		sel.value = append(fields, ']')
	}
	return sel, nil
}

// takeSelect ensures that the rows include what distinguishes them.
func (form *rowForm) takeSelect(o *Options, f *Facts, list *args) *flaw {
	byID := o.IDKey != "" || strings.EqualFold(f.IDKey, "id")
	keys := f.Stable
	if len(keys) == 0 && byID && f.CursorKey != "" {
		keys = []string{cmp.Or(f.SelectKey, f.CursorKey)}
	}
	if len(keys) == 0 {
		return nil
	}
	sel, bad := selectWith(list, f, keys...)
	if bad == nil && sel.value != nil {
		form.head = appendMember(form.head, sel.quoted, sel.value)
	}
	return bad
}

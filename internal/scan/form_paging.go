package scan

import (
	"strconv"
	"strings"

	"github.com/b24go/b24/internal/jsonwalk"
)

// takeStart accepts a caller's start only if it asks for what the reading does anyway.
func takeStart(list *args) *flaw {
	start, bad := list.take("start")
	if bad != nil {
		return bad
	}
	switch plain(start.value) {
	case "", "null", "0", "-1":
		return nil
	default:
		return &flaw{reason: ErrParams, detail: "start belongs to the reading; a filter or WithResume begins at a later row"}
	}
}

// paginationLimit takes the caller's pagination, of which only the limit is allowed.
func paginationLimit(list *args) (limit []byte, bad *flaw) {
	pagination, bad := list.take("pagination")
	if bad != nil || nothing(pagination.value) {
		return nil, bad
	}
	whole := jsonwalk.Members(pagination.value, func(quoted, value []byte) bool {
		switch name := unquote(quoted); {
		case name == "limit":
			limit = value
		case name == "offset" && plain(value) == "0", name == "page" && plain(value) == "1":
		default:
			bad = &flaw{reason: ErrParams, detail: "pagination." + name + " belongs to the reading; a filter or WithResume begins at a later row"}
		}
		return bad == nil
	})
	if !whole {
		return nil, &flaw{reason: ErrParams, detail: "pagination is not an object"}
	}
	return limit, bad
}

// refuse removes a parameter that may only have the value the reading uses anyway.
func refuse(list *args, name, allowed string) *flaw {
	m, bad := list.take(name)
	if bad == nil && m.value != nil && plain(m.value) != allowed {
		return &flaw{reason: ErrParams, detail: m.name + " belongs to the reading; WithResume begins at a later row"}
	}
	return bad
}

// pageLimit keeps the caller's page size, which the portal would otherwise correct silently; by
// default it is the largest size the method allows.
func pageLimit(list *args, f *Facts) *flaw {
	if f.MaxPageSize == 0 {
		return nil
	}
	for _, m := range []struct{ name, allowed string }{{"offset", "0"}, {"page", "1"}} {
		if bad := refuse(list, m.name, m.allowed); bad != nil {
			return bad
		}
	}
	name := "limit"
	if f.NextParam != "" && f.NextParam == strings.ToUpper(f.NextParam) {
		name = "LIMIT" // as the parameters beside it are spelled
	}
	limit, bad := list.take(name)
	if bad != nil {
		return bad
	}
	if limit.value == nil {
		limit.value = strconv.AppendInt(nil, int64(f.MaxPageSize), 10)
	}
	if n, err := strconv.Atoi(plain(limit.value)); err != nil || n < 1 || n > f.MaxPageSize {
		return &flaw{reason: ErrParams, detail: "the limit of a page is a number from 1 to " + itoa(f.MaxPageSize)}
	}
	*list = append(*list, limit)
	return nil
}

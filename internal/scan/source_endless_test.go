package scan_test

import (
	"bytes"
	"context"
	"strconv"
	"time"

	"github.com/b24go/b24/internal/scan"
)

// endless is a list of rows 1, 2, 3 ... that are made when asked for.
type endless struct {
	rows uint64
	last uint64 // id of the last row of a chain's last page

	requests int
}

func (e *endless) Page(_ context.Context, params []byte) (scan.Answer, error) {
	e.requests++
	return e.page(params, 0), nil
}

func (e *endless) Chain(_ context.Context, calls [][]byte) ([]scan.Answer, error) {
	e.requests++
	answers := make([]scan.Answer, len(calls))
	for i, c := range calls {
		answers[i] = e.page(c, e.last)
	}
	return answers, nil
}

func (*endless) Ref(int, ...any) []byte { return []byte(`"ref"`) }

func (*endless) Shorter(error) bool { return false }

func (e *endless) page(params []byte, last uint64) scan.Answer {
	_, rest, _ := bytes.Cut(params, []byte(`">ID":`))
	number, _, _ := bytes.Cut(rest, []byte("}"))
	from := last
	if n, err := strconv.ParseUint(string(number), 10, 64); err == nil {
		from = n
	}
	e.last = min(from+50, e.rows)
	return scan.Answer{Result: appendRows(nil, from+1, e.last), Duration: 10 * time.Millisecond}
}

// appendRows writes rows as crm.deal.list has them, of some 500 bytes.
func appendRows(dst []byte, from, to uint64) []byte {
	dst = append(dst, '[')
	for id := from; id <= to; id++ {
		if id > from {
			dst = append(dst, ',')
		}
		dst = append(dst, `{"ID":"`...)
		dst = strconv.AppendUint(dst, id, 10)
		dst = append(dst, `","TITLE":"A deal with \"quotes\" in its title","TYPE_ID":"SALE","STAGE_ID":"C2:EXECUTING","PROBABILITY":null,`+
			`"CURRENCY_ID":"EUR","OPPORTUNITY":"1500.00","IS_MANUAL_OPPORTUNITY":"N","LEAD_ID":null,"COMPANY_ID":"17","CONTACT_ID":"0",`+
			`"BEGINDATE":"2024-03-01T03:00:00+03:00","CLOSEDATE":"2024-03-08T03:00:00+03:00","ASSIGNED_BY_ID":"1","OPENED":"Y",`+
			`"CLOSED":"N","COMMENTS":"","UF_CRM_1":["a","b"],"UF_CRM_2":{"x":1},"UTM_SOURCE":null,"LAST_ACTIVITY_BY":"1"}`...)
	}
	return append(dst, ']')
}

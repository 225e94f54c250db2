package phpquery_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/b24go/b24/internal/codec"
	"github.com/b24go/b24/internal/phpquery"
)

// deals are the parameters of 50 commands crm.deal.add, 20 fields each.
func deals(tb testing.TB) [][]byte {
	tb.Helper()
	all := make([][]byte, 50)
	for i := range all {
		fields := map[string]any{
			"TITLE": fmt.Sprintf("Поставка №%d & монтаж", i), "TYPE_ID": "SALE", "CATEGORY_ID": 3, "STAGE_ID": "C3:NEW", "STAGE_SEMANTIC_ID": "P",
			"CURRENCY_ID": "EUR", "OPPORTUNITY": 12500.5, "IS_MANUAL_OPPORTUNITY": "Y", "TAX_VALUE": 0, "COMPANY_ID": 1000 + i,
			"CONTACT_IDS": []int{1, 2, 3}, "BEGINDATE": "2026-01-02T03:04:05+03:00", "CLOSEDATE": "2026-02-02T03:04:05+03:00", "OPENED": "Y",
			"CLOSED": "N", "COMMENTS": "Call back on Monday, ask for the invoice.\nThey want it in two parts.", "ASSIGNED_BY_ID": 17,
			"SOURCE_ID": "WEB", "UF_CRM_1690000000": "https://example.com/a?b=c&d=e#f", "UF_CRM_1690000001": []string{"one", "два"},
		}
		params, err := codec.Marshal(map[string]any{"fields": fields, "params": map[string]string{"REGISTER_SONET_EVENT": "N"}})
		require.NoError(tb, err)
		all[i] = params
	}
	return all
}

func BenchmarkEncode(b *testing.B) {
	b.Run("phpquery", func(b *testing.B) { benchmark(b, encodeAll) })
	b.Run("phpquery+refs", func(b *testing.B) { benchmark(b, encodeAllWithRefs) })
	// The way it is done without this package: a map, then url.Values. It loses
	// the order of members and refuses nothing.
	b.Run("encoding_json+url.Values", func(b *testing.B) { benchmark(b, urlValuesAll) })
}

func benchmark(b *testing.B, encode func(params []byte) (string, error)) {
	b.Helper()
	all := deals(b)
	b.ReportAllocs()
	for b.Loop() {
		for _, params := range all {
			if _, err := encode(params); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func encodeAll(params []byte) (string, error) { return phpquery.Encode(params, nil) }

func encodeAllWithRefs(params []byte) (string, error) {
	return phpquery.Encode(params, func(string) (string, bool, error) { return "", false, nil })
}

func urlValuesAll(params []byte) (string, error) {
	var v map[string]any
	if err := json.Unmarshal(params, &v); err != nil {
		return "", err
	}
	values := url.Values{}
	for name, inner := range v {
		flatten(values, name, inner)
	}
	return values.Encode(), nil
}

func flatten(values url.Values, name string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for key, inner := range v {
			flatten(values, name+"["+key+"]", inner)
		}
	case []any:
		for i, inner := range v {
			flatten(values, name+"["+strconv.Itoa(i)+"]", inner)
		}
	default:
		values.Set(name, fmt.Sprint(v))
	}
}

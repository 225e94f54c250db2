package b24_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
)

// A way to read is a text that says what it is, in logs and in stored reports.
func TestPagingIsAText(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "[auto auto keyset chained offset ranges tail once ids cursor]", fmt.Sprint([]b24.Paging{
		"", b24.PagingAuto, b24.PagingKeyset, b24.PagingChained, b24.PagingOffset, b24.PagingRanges, b24.PagingTail, b24.PagingOnce, b24.PagingIDs, b24.PagingCursor,
	}))
	stored, err := json.Marshal(map[string]b24.Paging{"Paging": b24.PagingIDs})
	require.NoError(t, err)
	assert.JSONEq(t, `{"Paging":"ids"}`, string(stored))

	_, h := dealsPortal(t, 120)
	for _, paging := range []b24.Paging{"", b24.PagingAuto, "chained"} {
		var report b24.ListReport
		_, err := h.CallListMethod(t.Context(), "crm.deal.list", nil, b24.WithPaging(paging), b24.WithReport(&report))
		require.NoError(t, err)
		assert.Equal(t, b24.PagingChained, report.Paging)
	}
}

package scan_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/b24go/b24/internal/scan"
)

// The first chain is one page; a long batch is followed by a shorter one, a failed one too.
func TestPace(t *testing.T) {
	t.Parallel()
	const s, failed = time.Second, time.Duration(-1)
	for _, row := range []struct {
		name string
		most int
		took []time.Duration
		want []int
	}{
		{"grows", 50, []time.Duration{0, 0, 0, 0}, []int{1, 4, 16, 50, 50}},
		{"bounded", 7, []time.Duration{0, 0, 0}, []int{1, 4, 7, 7}},
		{"alone", 1, []time.Duration{0, failed}, []int{1, 1, 1}},
		{"fast enough", 50, []time.Duration{s / 10, s / 2, 2 * s, 7 * s}, []int{1, 4, 16, 50, 50}},
		{"slow pages", 50, []time.Duration{2 * s, 8 * s, 24 * s}, []int{1, 4, 12, 12}},
		{"too long", 50, []time.Duration{0, 0, 0, 50 * s}, []int{1, 4, 16, 50, 25}},
		{"a page that takes all the time", 50, []time.Duration{40 * s, 40 * s}, []int{1, 1, 1}},
		{"faster again", 50, []time.Duration{20 * s, s, s}, []int{1, 1, 4, 16}},
		{"failed", 50, []time.Duration{0, 0, 0, failed, 0, 0}, []int{1, 4, 16, 50, 12, 12, 12}},
		{"rises after a failure", 50, []time.Duration{0, 0, 0, failed, 0, 0, 0, 0, 0}, []int{1, 4, 16, 50, 12, 12, 12, 12, 24, 24}},
		{"failed again", 50, []time.Duration{0, 0, 0, failed, failed, failed}, []int{1, 4, 16, 50, 12, 3, 1}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, row.want, scan.Chains(row.most, row.took))
		})
	}
}

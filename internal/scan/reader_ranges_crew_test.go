package scan_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/b24go/b24/internal/scan"
)

func TestDivide(t *testing.T) {
	t.Parallel()
	const open = math.MaxUint64
	for _, row := range []struct {
		name  string
		spans [][2]uint64
		top   uint64
		n     int
		want  [][2]uint64
	}{
		{"one", [][2]uint64{{51, open}}, 4050, 1, [][2]uint64{{51, open}}},
		{"halves", [][2]uint64{{51, open}}, 4050, 2, [][2]uint64{{51, 2050}, {2051, open}}},
		{"four", [][2]uint64{{51, open}}, 4050, 4, [][2]uint64{{51, 1050}, {1051, 2050}, {2051, 3050}, {3051, open}}},
		{"an upper end", [][2]uint64{{51, 2050}}, 99999, 2, [][2]uint64{{51, 1050}, {1051, 2050}}},
		{"too short to divide", [][2]uint64{{51, open}}, 250, 4, [][2]uint64{{51, open}}},
		{"the longer one", [][2]uint64{{1, 100}, {201, open}}, 1200, 3, [][2]uint64{{1, 100}, {201, 700}, {701, open}}},
		{"enough parts", [][2]uint64{{1, 900}, {1001, 1900}}, 1900, 2, [][2]uint64{{1, 900}, {1001, 1900}}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, row.want, scan.Divide(row.spans, row.top, 50, row.n))
		})
	}
}

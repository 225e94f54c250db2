//go:build !race

package scan_test

// modelCases is the number of seeded readings of TestModel.
const modelCases = 10_000

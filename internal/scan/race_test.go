//go:build race

package scan_test

// modelCases is smaller where each step is watched.
const modelCases = 1_500

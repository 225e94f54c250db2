//go:build !race

package main

// race reports whether the program was built with the race detector.
func race() string { return "" }

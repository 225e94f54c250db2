// Package sqlvalues proves that the values of package b24 can be stored in databases and read back.
// It has only tests.
package sqlvalues

package main

import (
	"bytes"
	"strconv"
)

// int64DigitsMax is the number of decimal digits of the largest int64.
const int64DigitsMax = 19

// parseInteger reads a syntactically valid JSON number that denotes an integer
// of 64 bits, however it is written. Its work is linear in the length of the
// text: 1e999999999 costs nothing.
func parseInteger(number []byte) (value int64, ok bool) {
	negative := number[0] == '-'
	if negative {
		number = number[1:]
	}
	mantissa, exponent := number, 0
	var exponentErr error
	if e := bytes.IndexAny(number, "eE"); e >= 0 {
		mantissa = number[:e]
		exponent, exponentErr = strconv.Atoi(string(number[e+1:]))
	}
	whole, fraction, _ := bytes.Cut(mantissa, []byte("."))

	// The value is digits x 10^scale, digits without outer zeros.
	digits := append(append(make([]byte, 0, len(mantissa)+int64DigitsMax), whole...), fraction...)
	digits = bytes.TrimLeft(digits, "0")
	if len(digits) == 0 {
		return 0, true
	}
	significant := bytes.TrimRight(digits, "0")
	if exponentErr != nil || exponent > len(number)+int64DigitsMax || exponent < -len(number) {
		return 0, false
	}
	scale := exponent - len(fraction) + len(digits) - len(significant)
	if scale < 0 || len(significant)+scale > int64DigitsMax {
		return 0, false
	}
	digits = significant
	for range scale {
		digits = append(digits, '0')
	}
	if negative {
		digits = append([]byte("-"), digits...)
	}
	value, err := strconv.ParseInt(string(digits), 10, 64)
	return value, err == nil
}

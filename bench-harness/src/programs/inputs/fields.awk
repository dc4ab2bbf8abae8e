# Fields, strings and arrays of strings, of records in JSON.
{
    n_fields += split($0, parts, /[":,{}\[\] ]+/)
    for (i in parts) {
        count[parts[i]]++
        after[parts[i]] = substr(after[parts[i]] parts[i + 1], 1, 200)
    }
    line[NR] = toupper($0)
    gsub(/[AEIOU]/, "*", line[NR])
    if (NR > 5000) delete line[NR - 5000]
}
END {
    for (word in count) { n_words++; length_of_all += length(after[word]) * count[word] % 97 }
    for (number in line) n_stars += gsub(/\*/, "", line[number])
    print NR, n_fields, n_words, length_of_all, n_stars
}

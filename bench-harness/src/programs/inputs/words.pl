# Hashes, arrays and strings. The argument is how many words.
use strict;
use warnings;

my $n = shift;
my $state = 1;
sub below { $state = ($state * 1103515245 + 12345) % 2147483648; return $state % shift; }

my (%count, %after, @words);
for my $i (1 .. $n) {
    my $word = join '', map { chr(97 + below(26)) } 1 .. 1 + below(4);
    push @words, $word;
    $count{$word}++;
    push @{ $after{ $words[-2] } }, $word if $i > 1;
}
my $text = join ' ', @words;
my $n_vowels = () = $text =~ /[aeiou]/g;
my @lines = map { join ',', sort split / / } $text =~ /((?:\w+ ){1,12})/g;
my %seen;
$seen{$_}++ for map { substr $_, 0, 24 } @lines;
my @common = sort { $count{$b} <=> $count{$a} || $a cmp $b } keys %count;
my $longest = 0;
for (values %after) { $longest = @$_ if @$_ > $longest }
print join(' ', $n_vowels, scalar(@lines), scalar(keys %seen), $longest, @common[0 .. 9]), "\n";

# Searches by pages and in order with Net::LDAP.
use strict;
use warnings;
use Net::LDAP;
use Net::LDAP::Control::Paged;
use Net::LDAP::Control::Sort;
use Net::LDAP::Constant qw(LDAP_CONTROL_PAGED LDAP_CONTROL_SORTRESULT);

my ($host, $base, $who, $password) = @ARGV;
my $conn = Net::LDAP->new($host) or die $@;
$conn->bind($who, password => $password)->code and die 'bind';
my $page = Net::LDAP::Control::Paged->new(size => 126);
my ($n, $pages) = (0, 0);
while (1) {
    my $found = $conn->search(base => $base, filter => '(uid=u*)', attrs => ['uid'], control => [$page]);
    $found->code and die $found->error;
    $n += $found->count;
    $pages++;
    my ($answer) = $found->control(LDAP_CONTROL_PAGED) or last;
    last unless length $answer->cookie;
    $page->cookie($answer->cookie);
}
print "pages $n $pages\n";
my $sort = Net::LDAP::Control::Sort->new(order => '-uidNumber uid');
my $found = $conn->search(base => $base, filter => '(uid=u*)', attrs => ['uidNumber'], control => [$sort]);
my ($answer) = $found->control(LDAP_CONTROL_SORTRESULT);
print 'sorted ', $answer->result, ' ', join(' ', map { $found->entry($_)->get_value('uidNumber') } 0, -1), "\n";

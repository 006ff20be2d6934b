#include "sip/message_impl.hpp"

#include <doctest.h>

#include "support/sample_message.hpp"

namespace message_impl_test {

using namespace phyllo;
using sip::field;

namespace {

const std::string three_vias =
    "OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP one;branch=z9hG4bK1, SIP/2.0/UDP two;branch=z9hG4bK2\r\nSubject: s\r\n"
    "v: SIP/2.0/UDP three;branch=z9hG4bK3\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: i\r\nCSeq: 1 OPTIONS\r\n"
    "Content-Length: 0\r\n\r\n";

std::vector<std::string> hosts(sip::message::impl& i) {
  std::vector<std::string> out;
  CHECK(i.parse_vias());
  for (const auto& v : *i.parsed.vias) out.emplace_back(v.host);
  return out;
}

}  // namespace

TEST_CASE("the values of a list field are counted across its lines, and taken off from the first on") {
  const auto m = testing::parsed_message(three_vias);
  auto& i = m.inside();
  CHECK(i.count(field::via) == 2);
  CHECK(i.after_vias() == 3);
  CHECK(hosts(i) == std::vector<std::string>{"one", "two", "three"});
  i.pop_values(field::via, 1);
  CHECK(hosts(i) == std::vector<std::string>{"two", "three"});
  CHECK(i.count(field::via) == 2);
  i.pop_values(field::via, 2);
  CHECK(hosts(i).empty());
  CHECK(i.count(field::via) == 0);
  CHECK(i.index_of(field::via) == i.lines.size());
  CHECK(i.first(field::via) == nullptr);
}

TEST_CASE("what was parsed of a field is forgotten with each edit of it") {
  const auto m = testing::parsed_message(three_vias);
  auto& i = m.inside();
  REQUIRE(i.parse_single(field::from, i.parsed.from));
  i.replace(i.index_of(field::from), "<sip:x@y>;tag=9");
  REQUIRE(i.parse_single(field::from, i.parsed.from));
  CHECK(i.parsed.from->tag == "9");
  CHECK(hosts(i).size() == 3);
  i.insert(0, field::via, "Via", "SIP/2.0/TCP four;branch=z9hG4bK4");
  CHECK(hosts(i) == std::vector<std::string>{"four", "one", "two", "three"});
  i.erase(field::via);
  CHECK(hosts(i).empty());
}

TEST_CASE("a broken Via hides those below it: none of them counts as the topmost") {
  const auto m = testing::parsed_message(testing::replaced(three_vias, "SIP/2.0/UDP one;branch=z9hG4bK1", "nonsense"));
  const auto unread = m.inside().share();
  CHECK_FALSE(unread->parse_vias());
  REQUIRE(unread->parsed.vias.has_value());
  CHECK(unread->parsed.vias->empty());
}

TEST_CASE("a copy shares the text, and neither sees the other's edits") {
  const auto m = testing::parsed_message(three_vias);
  const auto copy = m.inside().share();
  copy->append(field::other, "Subject", "another");
  CHECK(copy->lines.size() == m.inside().lines.size() + 1);
  CHECK(copy->lines.back().raw == "Subject: another\r\n");
  CHECK(copy->texts.front() == m.inside().texts.front());
  copy->erase(field::via);
  CHECK(m.inside().count(field::via) == 2);
}

TEST_CASE("a header field's text is put on one line") {
  CHECK(sip::unfolded("a\r\n b\nc") == "a   b c");
  CHECK(sip::phrase_of(404) == "Not Found");
  CHECK(sip::phrase_of(99).empty());
}

}  // namespace message_impl_test

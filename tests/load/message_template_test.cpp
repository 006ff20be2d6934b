#include "message_template.hpp"

#include <doctest.h>

namespace message_template_test {

using namespace phyllo::load;

namespace {

std::string rendered(const message_template& t, const gap_values& v, std::size_t room = 4096) {
  std::string out(room, '?');
  out.resize(t.render(out, v));
  return out;
}

}  // namespace

TEST_CASE("gaps are filled, lines end with CRLF, and other brackets stay") {
  const message_template t("REGISTER sip:[::1] SIP/2.0\nTo: <sip:[user]@x>\nCSeq: [cseq]\n[nothing]");
  gap_values v;
  v[gap::user] = "alice";
  v[gap::cseq] = "2";
  CHECK(rendered(t, v) == "REGISTER sip:[::1] SIP/2.0\r\nTo: <sip:alice@x>\r\nCSeq: 2\r\n[nothing]");
}

TEST_CASE("an empty value leaves nothing, and a template may be used again") {
  const message_template t("a[routes]b[authorization]");
  gap_values v;
  CHECK(rendered(t, v) == "ab");
  v[gap::routes] = "Route: <sip:p>\r\n";
  CHECK(rendered(t, v) == "aRoute: <sip:p>\r\nb");
}

TEST_CASE("where there is not the room nothing is written") {
  const message_template t("12345[user]");
  gap_values v;
  v[gap::user] = "67890";
  CHECK(rendered(t, v, 10) == "1234567890");
  CHECK(rendered(t, v, 9).empty());
}

}  // namespace message_template_test

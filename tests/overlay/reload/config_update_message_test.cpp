#include "reload/config_update_message.hpp"

#include <doctest.h>

#include "support/codec_check.hpp"

namespace config_update_message_test {

using namespace phyllo;
using namespace phyllo::overlay;
using testing::check_round_trip;
using testing::from_digits;

namespace {

bool refused(std::string_view digits) {
  const auto c = config_update_request::decode(from_digits(digits));
  return !c && c.error() == errc::invalid_message;
}

}  // namespace

TEST_CASE("a ConfigUpdate is laid out as RFC 6940 s.6.5.4 says, of a document or of Kinds") {
  const config_update_request document{config_update_type::config, "<o/>", {}};
  CHECK(document.encode() == from_digits("01 00000007 000004 3c6f2f3e"));
  const config_update_request kinds{config_update_type::kind, {}, {"a", "bc"}};
  CHECK(kinds.encode() == from_digits("02 0000000a 000007 0001 61 0002 6263"));
  check_round_trip(document);
  check_round_trip(kinds);
  check_round_trip(config_update_request{config_update_type::kind, {}, {}});
  check_round_trip(config_update_request{config_update_type::config, std::string(300, 'x'), {}});
}

TEST_CASE("a ConfigUpdate of an unknown type, or whose lengths do not agree, is refused") {
  CHECK(refused("00 00000003 000000"));
  CHECK(refused("03 00000003 000000"));
  CHECK_FALSE(refused("01 00000003 000000"));
  CHECK(refused("01 00000004 000000 00"));       // more than the document
  CHECK(refused("01 00000003 000001 00"));       // more than the whole
  CHECK(refused("02 00000004 000001 00"));       // half a length of a Kind
  CHECK(refused("02 00000005 000002 0001"));     // a Kind that is cut
  CHECK(refused("02 00000006 000002 0000 00"));  // an octet after the list
}

TEST_CASE("a ConfigUpdate brings sixty-four Kinds at most") {
  CHECK(config_update_request::decode(config_update_request{config_update_type::kind, {}, std::vector<std::string>(64, "k")}.encode())
            .has_value());
  CHECK_FALSE(config_update_request::decode(config_update_request{config_update_type::kind, {}, std::vector<std::string>(65, "k")}.encode())
                  .has_value());
}

}  // namespace config_update_message_test

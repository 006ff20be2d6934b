#include "reload/message.hpp"

#include <doctest.h>

#include "identity/ring.hpp"

namespace message_test {

using namespace phyllo;
using namespace phyllo::overlay;

TEST_CASE("certificates beyond what a security block holds are left out, and the message reads all the same") {
  const auto ca = identity::authority::create("login.example.com", testing::today);
  const std::string label(60, 'd');
  std::vector<std::string> domains;  // nearly the most that a certificate may have
  for (int i = 0; i < 21; ++i) domains.push_back(label + "." + label + "." + label + ".example" + std::to_string(i));
  const auto by = testing::credential_for(ca, 1, "node@example.com");
  message_contents m;
  for (std::uint8_t n = 2; n < 18; ++n)
    m.certificates.push_back(testing::credential_for(ca, testing::request_for(n, "node@example.com", domains)).certificate);
  const auto large = m.certificates.front().der().size();
  REQUIRE(large * m.certificates.size() > 0xffff);
  auto sealed = seal_payload(m, 7, 8, by);
  auto opened = open_payload(sealed);
  REQUIRE(opened.has_value());
  CHECK(opened->certificates.size() == 1 + (0xffff - by.certificate.der().size() - 3) / (large + 3));
  CHECK(verify_payload(*opened, 7, 8, by.certificate).has_value());

  const auto small = testing::credential_for(ca, 15, "node@example.com").certificate;
  m.certificates.assign(200, small);
  sealed = seal_payload(m, 7, 8, by);
  opened = open_payload(sealed);
  REQUIRE(opened.has_value());
  CHECK(opened->certificates.size() == certificates_max);
}

TEST_CASE("an error's info that repeats more than it can hold is cut") {
  const auto read = read_error(make_error(error_code::invalid_message, std::string(100'000, 'x')));
  REQUIRE(read.has_value());
  CHECK(read->info.size() == 0xffff);
}

TEST_CASE("RELOAD errors become the API's, with their names") {
  const auto m = make_error(error_code::data_too_old, "7 is stored");
  const auto e = read_error(m);
  REQUIRE(e.has_value());
  CHECK(to_error(*e) == errc::data_too_old);
  CHECK(to_error(*e).detail() == "Error_Data_Too_Old: 7 is stored");
  CHECK(code_name(code::route_query_req + 1) == "route_query_ans");
  CHECK(code_name(code::error) == "error");
}

}  // namespace message_test

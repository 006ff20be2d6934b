#include <functional>
#include <map>

#include "sip/message.hpp"
#include "vectors.hpp"

namespace torture_test {

using namespace phyllo;
using sip::message;

namespace {

// What a parser must make of a vector; the rest of an expectation (416, 420, 483) is the proxy's part.
enum class verdict { accepted, refused_400, refused_505, discarded };

verdict judge(const core::result<message>& m) {
  if (!m) return verdict::discarded;
  if (!m->defect()) return verdict::accepted;
  return m->defect()->status == 505 ? verdict::refused_505 : verdict::refused_400;
}

std::vector<verdict> allowed(const std::string& expected) {
  static const std::map<std::string, std::vector<verdict>> table{
      {"400", {verdict::refused_400}},
      {"505", {verdict::refused_505}},
      {"discard", {verdict::discarded}},
      {"error", {verdict::refused_400, verdict::discarded}},
      {"501-or-400", {verdict::accepted, verdict::refused_400}},
      {"400-or-liberal", {verdict::accepted, verdict::refused_400}},
      {"400-or-ignore", {verdict::accepted}},
      {"400-or-2543", {verdict::accepted, verdict::refused_400}},
      {"no-crash", {verdict::accepted, verdict::refused_400, verdict::discarded}},
  };
  const auto at = table.find(expected);
  return at == table.end() ? std::vector<verdict>{verdict::accepted} : at->second;
}

void meet(const std::string& table, const std::string& directory, const std::string& extension, std::size_t count) {
  const auto all = testing::expectations(table, extension);
  CHECK(all.size() == count);
  for (const auto& [file, expected] : all) {
    CAPTURE(file);
    CAPTURE(expected);
    const auto text = testing::read_file(testing::vectors() / directory / file);
    const auto parsed = message::parse(core::as_bytes(text), sip::framing::datagram);
    CAPTURE(static_cast<int>(judge(parsed)));
    CAPTURE((parsed ? (parsed->defect() ? parsed->defect()->phrase : std::string()) : parsed.error().message()));
    const auto verdicts = allowed(expected);
    CHECK(std::find(verdicts.begin(), verdicts.end(), judge(parsed)) != verdicts.end());
  }
}

message torture(const std::string& file) {
  const auto text = testing::read_file(testing::vectors() / "rfc4475-torture" / (file + ".dat"));
  auto parsed = message::parse(core::as_bytes(text), sip::framing::datagram);
  REQUIRE(parsed);
  return std::move(*parsed);
}

}  // namespace

TEST_CASE("every message of RFC 4475 is accepted, refused or discarded as the RFC says") {
  meet("rfc4475-torture.EXPECT.tsv", "rfc4475-torture", "", 50);
}

TEST_CASE("every message of RFC 5118 is accepted or refused as the RFC says") {
  meet("rfc5118-ipv6-torture.EXPECT.tsv", "rfc5118-ipv6-torture", ".dat", 12);
}

TEST_CASE("a tortuous INVITE (RFC 4475 s.3.1.1.1) reads as the RFC explains it") {
  const auto m = torture("wsinv");
  CHECK(m.method() == sip::method::invite);
  CHECK(m.cseq().number == 9);
  CHECK(m.max_forwards() == 68);
  CHECK(m.to().tag == "1918181833n");
  CHECK(m.from().tag == "98asjd8");
  CHECK(m.from().display == R"("J Rosenberg \\\"")");
  REQUIRE(m.vias().size() == 3);
  CHECK(m.vias()[0].branch == "390skdjuw");
  CHECK(m.vias()[1].host == "spindle.example.com");
  CHECK(m.vias()[1].transport == "TCP");
  CHECK(m.vias()[2].branch == "z9hG4bK30239");
  REQUIRE(m.routes().size() == 1);
  CHECK(m.routes()[0].uri.parameter("lr") == "");
  REQUIRE(m.contacts().size() == 1);
  CHECK(m.contacts()[0].q_thousandths == 330);
  CHECK(m.header("UnknownHeaderWithUnusualValue") == ";;,,;;,;");
  CHECK(m.body().size() == 150);
}

TEST_CASE("an escaped NUL does not truncate a user part") {
  const auto m = torture("escnull");
  REQUIRE(m.contacts().size() == 2);
  CHECK(m.contacts()[0].uri.user == "%00");
  CHECK(m.contacts()[1].uri.user == "%00%00");
  CHECK(m.to().uri.user_unescaped() == std::string("null-\0-null", 11));
}

TEST_CASE("escapes do not make another method of an unknown one") { CHECK(torture("esc02").method() == sip::method::other); }

TEST_CASE("semicolons before the at sign belong to the user") {
  const auto m = torture("semiuri");
  CHECK(m.request_uri().user == "user;par=u%40example.net");
  CHECK(m.request_uri().host == "example.com");
}

TEST_CASE("octets beyond a datagram's message are ignored and not forwarded") {
  const auto m = torture("dblreq");
  CHECK(m.method() == sip::method::register_);
  CHECK(m.body().empty());
  CHECK(m.print().find("INVITE") == std::string::npos);
}

TEST_CASE("a body with NUL octets is carried whole") {
  const auto m = torture("mpart01");
  const auto again = message::parse(core::as_bytes(m.print()), sip::framing::stream);
  REQUIRE(again);
  CHECK(core::equal(again->body(), m.body()));
  CHECK(m.body().size() == 553);
}

TEST_CASE("contact parameters and URI parameters are told apart") {
  CHECK(torture("cparam01").contacts().at(0).uri.parameters.empty());
  CHECK(torture("cparam02").contacts().at(0).uri.parameters == "unknownparam");
}

TEST_CASE("an escaped Route header field stays within the contact's URI") {
  const auto m = torture("regescrt");
  REQUIRE(m.contacts().size() == 1);
  CHECK(m.contacts()[0].uri.headers == "Route=%3Csip:sip.example.com%3E");
  CHECK(m.routes().empty());
}

TEST_CASE("the last hextet of an address is no port without brackets around the address") {
  const auto of = [](const char* file) {
    const auto text = testing::read_file(testing::vectors() / "rfc5118-ipv6-torture" / file);
    auto parsed = message::parse(core::as_bytes(text), sip::framing::datagram);
    REQUIRE(parsed);
    return parsed->request_uri();
  };
  CHECK(of("port-ambiguous.dat").host == "[2001:db8::10:5070]");
  CHECK_FALSE(of("port-ambiguous.dat").port.has_value());
  CHECK(of("port-unambiguous.dat").port == 5070);
}

}  // namespace torture_test

#include "phyllo/overlay/record.hpp"

#include <doctest.h>

#include "phyllo/overlay/errc.hpp"

namespace record_xml_test {

using namespace phyllo;
using overlay::record;

namespace {

record example() {
  record r;
  r.name = *overlay::name::parse("user location:user@example.com");
  r.lifetime_s = 3600;
  r.timestamp_ms = 1767225600123;
  overlay::location l;
  l.node_ip = "178.14.234.21";
  l.transports = {"TCP5060", "UDP5060", "TCP80", "TCP443"};
  l.node = overlay::node_id::from_hex("00112233445566778899aabbccddeeff");
  l.contact = "<sip:user@10.0.0.1;ob>;q=\"0.5\" & more";
  l.path = {"<sip:edge@192.0.2.1;lr>", "<sip:other@192.0.2.2;lr>"};
  l.instance = "<urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>";
  l.features = ";audio;methods=\"INVITE,BYE\";+sip.ice";
  l.reg_id = 2;
  l.q = 0.5;
  l.expires_at_ms = 1767229200000;
  r.locations = {l, {}};
  r.locations[1].node_ip = "192.168.0.100";
  r.locations[1].transports = {"TCP5060"};
  return r;
}

std::string with(const std::string& from, const std::string& to) {
  auto xml = example().xml();
  const auto at = xml.find(from);
  REQUIRE(at != std::string::npos);
  return xml.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("a record keeps everything through its XML") {
  const auto r = example();
  const auto back = record::parse(r.xml());
  REQUIRE(back.has_value());
  CHECK(back->xml() == r.xml());
  CHECK(back->name == r.name);
  CHECK(back->timestamp_ms == r.timestamp_ms);
  REQUIRE(back->locations.size() == 2);
  CHECK(back->locations[0].transports == r.locations[0].transports);
  CHECK(back->locations[0].contact == r.locations[0].contact);
  CHECK(back->locations[0].path == r.locations[0].path);
  CHECK(back->locations[0].node == r.locations[0].node);
  CHECK(back->locations[0].features == r.locations[0].features);
  CHECK(back->locations[1].features.empty());
  CHECK(back->locations[0].q == 0.5);
  CHECK(back->locations[1].q == 1.0);
  CHECK(back->locations[1].reg_id == 0);
}

TEST_CASE("the record has the elements of the architecture's slides") {
  const auto xml = example().xml();
  for (const auto* part : {"<resource><version>1.0</version><type>user location</type><key>", "<lifetime>3600</lifetime>",
                           "<timestamp>1767225600123</timestamp>", "<user_uri>user@example.com</user_uri>",
                           "<location><node_ip>178.14.234.21</node_ip><transport>TCP5060 UDP5060 TCP80 TCP443</transport>"}) {
    CAPTURE(part);
    CHECK(xml.find(part) != std::string::npos);
  }
}

TEST_CASE("a record as the slides print it, white space and all, is understood") {
  const auto n = *overlay::name::parse("proxy location:example.com");
  const auto r = record::parse("<resource>\n <version>1.0</version>\n <type>proxy location</type> <key>" + n.key().hex() +
                               "</key>\n<lifetime> 36000 </lifetime> <timestamp>198023422</timestamp><domain> example.com </domain>"
                               "<location> <node_ip>178.14.234.21</node_ip> <transport>TCP5060 UDP5060</transport> </location></resource>");
  REQUIRE(r.has_value());
  CHECK(r->name == n);
  CHECK(r->lifetime_s == 36000);
  CHECK(r->locations.at(0).transports == std::vector<std::string>{"TCP5060", "UDP5060"});
}

TEST_CASE("an element of a later version is skipped") {
  CHECK(record::parse(with("</resource>", "<colour>green</colour></resource>")).has_value());
  CHECK(record::parse(with("<version>1.0", "<version>1.7")).has_value());
}

TEST_CASE("a value of white space or markup comes back as it was") {
  for (const auto* value : {"  ", "<a>&amp;</a>", "]]>", "line\r\nline\ttab", "zo\xc3\xab"}) {
    auto r = example();
    r.value = value;
    CAPTURE(value);
    CHECK(record::parse(r.xml())->value == value);
  }
}

TEST_CASE("a value is all of its text, whatever stands between the parts") {
  const auto r = record::parse(with("</user_uri>", "</user_uri><value>a<!-- no -->b<![CDATA[<c>]]>d</value>"));
  REQUIRE(r.has_value());
  CHECK(r->value == "ab<c>d");
}

TEST_CASE("what is wrong in a record is named") {
  const auto wrong = [](const std::string& xml) {
    const auto r = record::parse(xml);
    CAPTURE(xml);
    REQUIRE_FALSE(r.has_value());
    CHECK(r.error() == overlay::errc::invalid_record);
    CHECK_FALSE(r.error().detail().empty());
    return r.error().detail();
  };
  CHECK(wrong("").size() > 3);
  CHECK(wrong(with("<lifetime>3600", "\x01<lifetime>3600")).find("U+0001, which XML can not hold") != std::string::npos);
  CHECK(wrong(with("</user_uri>", "</user_uri><value>a&#1;b</value>")).find("U+0001, which XML can not hold") != std::string::npos);
  CHECK(wrong(with("</user_uri>", "</user_uri><value>\xef\xbf\xbf</value>")).find("U+FFFF, which XML can not hold") != std::string::npos);
  CHECK(wrong("<resource>").size() > 3);
  CHECK(wrong("<other/>").find("<resource>") != std::string::npos);
  CHECK(wrong(with("<lifetime>3600", "<lifetime>-1")).find("lifetime") != std::string::npos);
  CHECK(wrong(with("<lifetime>3600", "<lifetime>4294967296")).find("lifetime") != std::string::npos);
  CHECK(wrong(with("<lifetime>3600", "<lifetime>1</lifetime><lifetime>3600")).find("lifetime") != std::string::npos);
  CHECK(wrong(with("</user_uri>", "</user_uri><value>a</value><value>b</value>")).find("value") != std::string::npos);
  CHECK(wrong(with("</user_uri>", "</user_uri><value>a<b/>c</value>")).find("value") != std::string::npos);
  CHECK(wrong(with("<timestamp>1767225600123", "<timestamp>soon")).find("timestamp") != std::string::npos);
  CHECK(wrong(with("<version>1.0", "<version>2.0")).find("version") != std::string::npos);
  CHECK(wrong(with("user@example.com</user_uri>", "user@example.com</user_uri><domain>example.com</domain>")).find("domain") !=
        std::string::npos);
  CHECK(wrong(with("user@example.com</user_uri>", "other@example.com</user_uri>")).find("key") != std::string::npos);
  CHECK(wrong(with("<node_id>00", "<node_id>0")).find("node_id") != std::string::npos);
  CHECK(wrong(with("<q>0.5", "<q>nan")).find("q") != std::string::npos);
  CHECK(wrong(with("<q>0.5", "<q>2")).find("q") != std::string::npos);
}

TEST_CASE("a document type is refused, so no entity can be defined") {
  const auto xml = "<!DOCTYPE resource [<!ENTITY a \"aaaaaaaaaa\">]>" + example().xml();
  const auto r = record::parse(xml);
  REQUIRE_FALSE(r.has_value());
  CHECK(r.error().detail() == "a document type");
}

TEST_CASE("a record is bounded in bytes, locations, paths and transports") {
  auto r = example();
  r.value = std::string(4096, 'x');
  CHECK_FALSE(record::parse(r.xml()).has_value());
  std::string many;
  for (int i = 0; i < 33; ++i) many += "<location/>";
  CHECK_FALSE(record::parse(with("</resource>", many + "</resource>")).has_value());
  std::string deep;
  for (int i = 0; i < 17; ++i) deep += "<path>p</path>";
  CHECK_FALSE(record::parse(with("<node_ip>", deep + "<node_ip>")).has_value());
  CHECK_FALSE(record::parse(std::string("<resource>\0</resource>", 22)).has_value());
}

TEST_CASE("cut at any byte a record is refused, never misread") {
  const auto xml = example().xml();
  for (std::size_t i = 0; i < xml.size(); ++i) CHECK_FALSE(record::parse(std::string_view(xml).substr(0, i)).has_value());
}

TEST_CASE("the same phone has the same binding, another line of it another one") {
  auto l = example().locations[0];
  const auto first = overlay::binding_of(l);
  l.contact = "sip:elsewhere@192.0.2.9";
  CHECK(overlay::binding_of(l) == first);
  l.reg_id = 3;
  CHECK(overlay::binding_of(l) != first);
  l.instance.clear();
  const auto by_contact = overlay::binding_of(l);
  l.contact = "sip:other@192.0.2.9";
  CHECK(overlay::binding_of(l) != by_contact);
}

}  // namespace record_xml_test

// Printing configuration documents.
#include "signed_document.hpp"

namespace configuration_print_test {

using namespace phyllo;
using namespace phyllo::identity;
using namespace phyllo::testing;
using ring = signed_document;

TEST_CASE("a printed document parses to the same configuration, and is kept byte for byte") {
  const ring r;
  const auto text = r.text();
  const auto p = parse_configuration(text, {}, today);
  INFO((p ? std::string() : p.error().message()));
  REQUIRE(p);
  CHECK(p->text == text);
  const auto& c = p->content;
  CHECK(c.instance_name == overlay_name);
  CHECK(c.sequence == 7);
  CHECK(c.expiration == r.content.expiration);
  CHECK(c.topology_plugin == "PHYLLO-PASTRY");
  CHECK(c.node_id_length == 16);
  CHECK(c.root_certificates == r.content.root_certificates);
  CHECK(c.enrollment_servers == r.content.enrollment_servers);
  REQUIRE(c.bootstrap_nodes.size() == 2);
  CHECK(c.bootstrap_nodes[1].address == "2001:db8::1");
  CHECK(c.bootstrap_nodes[1].port == 7000);
  CHECK(c.configuration_signers == r.content.configuration_signers);
  CHECK(c.bad_nodes == r.content.bad_nodes);
  CHECK(c.max_message_size == 65536);
  CHECK(c.initial_ttl == 30);
  CHECK(c.overlay_reliability_timer_ms == 1000);
  CHECK(c.clients_permitted);
  CHECK(c.no_ice);
}

TEST_CASE("the required Kinds are RESOURCE under our own policy and SIP-REGISTRATION") {
  const ring r;
  const auto kinds = parse(r, r.text()).value().content.kinds;
  REQUIRE(kinds.size() == 2);
  CHECK(kinds[0].id == 0xF0000001);
  CHECK(kinds[0].data_model == "DICTIONARY");
  CHECK(kinds[0].access_control == "PHYLLO-OWNER");
  CHECK(kinds[0].max_count == 32);
  CHECK(kinds[0].max_size == 4096);
  CHECK(kinds[1].id == 1);
  CHECK(kinds[1].name == "SIP-REGISTRATION");
  CHECK(kinds[1].access_control == "USER-NODE-MATCH");
}

TEST_CASE("special characters survive as attributes and as text") {
  ring r;
  r.content.enrollment_servers = {"https://login.example.com/?a=1&b=<2>\""};
  CHECK(parse(r, r.text()).value().content.enrollment_servers == r.content.enrollment_servers);
}

TEST_CASE("a document of ours asks nothing of its readers that RFC 6940 has not") {
  const ring r;
  CHECK(r.text().find("mandatory-extension") == std::string::npos);
}

TEST_CASE("who signs documents signs Kinds too, and is named once") {
  ring r;
  r.content.kind_signers = {numbered(1), numbered(2)};
  const auto text = r.text();
  const auto count = [&](const std::string& element) {
    std::size_t n = 0;
    for (auto at = text.find(element); at != std::string::npos; at = text.find(element, at + 1)) ++n;
    return n;
  };
  CHECK(count("<configuration-signer>" + numbered(1).hex()) == 1);
  CHECK(count("<kind-signer>" + numbered(1).hex()) == 1);
  CHECK(count("<kind-signer>" + numbered(2).hex()) == 1);
}

TEST_CASE("what a document does not have leaves no element behind") {
  ring r;
  r.content.kinds.clear();
  r.content.bad_nodes.clear();
  r.content.bootstrap_nodes.clear();
  const auto text = r.text();
  for (const auto* element : {"required-kinds", "bad-node", "bootstrap-node", "diagnostic-kind", "chord-"})
    CHECK_MESSAGE(text.find(element) == std::string::npos, element);
  CHECK(parse(r, text).has_value());
}

}  // namespace configuration_print_test

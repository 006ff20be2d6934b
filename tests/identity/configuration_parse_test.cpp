// Reading configuration documents, and who may have signed them.
#include "signed_document.hpp"

namespace configuration_parse_test {

using namespace phyllo;
using namespace phyllo::identity;
using namespace phyllo::testing;
using std::chrono::hours;
using ring = signed_document;

TEST_CASE("every altered byte of the signed part is noticed") {
  ring r;
  r.content.kinds.clear();
  const auto text = r.text();
  const auto from = text.find("<configuration");
  const auto to = text.find("</configuration>") + 16;
  for (std::size_t i = from; i < to; ++i) {
    auto bad = text;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    CHECK_FALSE(parse(r, bad));
  }
}

TEST_CASE("added white space breaks the signature") {
  const ring r;
  CHECK(parse(r, replaced(r.text(), "<bad-node>", " <bad-node>")).error() == errc::bad_signature);
}

TEST_CASE("white space around the signed part does not") {
  const ring r;
  CHECK(parse(r, replaced(r.text(), "  <configuration", "\n\n<!-- hello -->\t<configuration")));
}

TEST_CASE("a document without a signature, or with noise for one, is refused") {
  const ring r;
  const auto text = r.text();
  const auto from = text.find("<signature>");
  CHECK(parse(r, replaced(text, text.substr(from, text.find("</overlay>") - from), "")).error() == errc::bad_signature);
  CHECK(parse(r, replaced(text, text.substr(from, 30), "<signature>VGhpcyBpcyBub3QgcmlnaHQhCg==</signature><signature>")).has_value() ==
        false);
}

TEST_CASE("a signer who is not named as configuration-signer is refused") {
  ring r;
  r.content.configuration_signers = {numbered(2)};
  CHECK(parse(r, r.text()).error() == errc::unknown_signer);
}

TEST_CASE("a signer of a foreign authority is refused, even under a signer's Node-ID") {
  ring r;
  const auto foreign = authority::create("evil.example.com", today);
  CHECK(parse(r, print(r.content, credential_for(foreign, 1, "node1@example.com"))).error() == errc::unknown_signer);
}

TEST_CASE("a signer that is expired, revoked or of another overlay is refused") {
  ring r;
  CHECK(parse_configuration(r.text(), {}, today + hours(24 * 8)).error() == errc::unknown_signer);
  r.content.bad_nodes.push_back(numbered(1));
  CHECK(parse(r, r.text()).error() == errc::unknown_signer);
  r.content.bad_nodes.clear();
  auto q = request_for(1, "node1@example.com");
  q.overlay = "other.example.com";
  CHECK(parse(r, print(r.content, credential_for(r.ca, q))).error() == errc::unknown_signer);
}

TEST_CASE("an expired document is refused") {
  ring r;
  r.content.expiration = today - std::chrono::seconds(1);
  CHECK(parse(r, r.text()).error() == errc::expired);
  r.content.expiration = today;
  CHECK(parse(r, r.text()));
}

TEST_CASE("a document with the sequence at hand, or an older one, is refused") {
  ring r;
  const auto known = r.content;
  const auto again = [&](std::uint16_t sequence) {
    r.content.sequence = sequence;
    return parse_configuration(r.text(), {}, today, &known);
  };
  CHECK(again(6).error() == errc::older_document);
  CHECK(again(7).error() == errc::older_document);
  CHECK(again(8));
}

TEST_CASE("a successor must be signed by a signer of the document at hand") {
  ring r;
  const auto known = r.content;
  r.content.sequence = 8;
  r.content.configuration_signers = {numbered(1), numbered(2)};
  const auto second = credential_for(r.ca, 2, "node2@example.com");
  CHECK(parse_configuration(print(r.content, second), {}, today, &known).error() == errc::unknown_signer);
  CHECK(parse_configuration(print(r.content, r.signer), {}, today, &known));
}

TEST_CASE("a successor can not bring its own anchor and a forged signer") {
  ring r;
  const auto known = r.content;
  const auto evil = authority::create("login.example.com", today);
  r.content.sequence = 8;
  r.content.root_certificates.push_back(evil.certificate_der());
  const auto forged_signer = credential_for(evil, 1, "node1@example.com");
  REQUIRE(parse_configuration(print(r.content, forged_signer), {}, today));
  CHECK(parse_configuration(print(r.content, forged_signer), {}, today, &known).error() == errc::unknown_signer);
}

TEST_CASE("of several configurations the one of the overlay at hand is read") {
  ring r;
  const auto known = r.content;
  r.content.sequence = 8;
  ring other;
  other.content.instance_name = "other.example.com";
  auto q = request_for(1, "node1@example.com");
  q.overlay = "other.example.com";
  other.signer = credential_for(other.ca, q);
  const auto foreign = other.text();
  const auto from = foreign.find("<configuration");
  const auto both = replaced(r.text(), "<configuration", foreign.substr(from, foreign.find("</overlay>") - from) + "<configuration");
  CHECK(parse_configuration(both, {}, today)->content.instance_name == "other.example.com");
  CHECK(parse_configuration(both, {}, today, &known)->content.instance_name == overlay_name);
}

TEST_CASE("a Kind changed under its own signature is refused") {
  ring r;
  CHECK(parse(r, resigned(r, "<max-count>32</max-count>", "<max-count>33</max-count>")).error() == errc::bad_signature);
  CHECK(parse(r, resigned(r, "<kind-signature>", "<kind-signature>AAAA")).error() == errc::bad_signature);
}

TEST_CASE("absent elements mean what RFC 6940 says, not what we would say") {
  ring r;
  auto text = resigned(r, "<max-message-size>65536</max-message-size>", "");
  CHECK(parse(r, text)->content.max_message_size == 5000);
  CHECK(parse(r, resigned(r, "<initial-ttl>30</initial-ttl>", ""))->content.initial_ttl == 100);
  CHECK(parse(r, resigned(r, "<overlay-reliability-timer>1000</overlay-reliability-timer>", ""))->content.overlay_reliability_timer_ms ==
        3000);
  CHECK(parse(r, resigned(r, "<no-ice>true</no-ice>", ""))->content.no_ice == false);
  CHECK(parse(r, resigned(r, " port=\"6084\"", ""))->content.bootstrap_nodes[0].port == 6084);
}

TEST_CASE("a text is read whole, whatever stands between its parts") {
  const ring r;
  CHECK(parse(r, resigned(r, "<initial-ttl>30", "<initial-ttl>3<!-- not three --><![CDATA[0]]>"))->content.initial_ttl == 30);
}

TEST_CASE("white space around values and XML Schema's other booleans are read") {
  const ring r;
  CHECK(parse(r, resigned(r, "<no-ice>true</no-ice>", "<no-ice>\n 1 </no-ice>"))->content.no_ice);
  CHECK_FALSE(parse(r, resigned(r, "<no-ice>true</no-ice>", "<no-ice>0</no-ice>"))->content.no_ice);
}

TEST_CASE("elements of other namespaces are passed over, unknown ones of the base namespace are not") {
  const ring r;
  CHECK(parse(r, resigned(r, "<no-ice>", "<x:y xmlns:x=\"urn:x\"><z/></x:y><no-ice>")));
  CHECK(parse(r, resigned(r, "<no-ice>", "<y xmlns=\"urn:x\"/><no-ice>")));
  CHECK(malformed(r, resigned(r, "<no-ice>", "<no-snow/><no-ice>")).find("unknown element no-snow") != std::string::npos);
}

TEST_CASE("an unknown mandatory extension keeps us out") {
  const ring r;
  const auto why = malformed(r, resigned(r, "<no-ice>", "<mandatory-extension>urn:x</mandatory-extension><no-ice>"));
  CHECK(why.find("unacceptable content of mandatory-extension") != std::string::npos);
}

TEST_CASE("an overlay of another topology plug-in is not for us, and a document that names none means RFC 6940's") {
  const ring r;
  const std::string ours = "<topology-plugin>PHYLLO-PASTRY</topology-plugin>";
  CHECK(malformed(r, resigned(r, ours, "<topology-plugin>PHYLLO-PASTRY-2</topology-plugin>")).find("\"PHYLLO-PASTRY-2\", and only") !=
        std::string::npos);
  const auto rfc = parse(r, resigned(r, ours, ""));
  REQUIRE(rfc.has_value());
  CHECK(rfc->content.topology_plugin == "CHORD-RELOAD");
  CHECK(rfc->content.chord == identity::chord_settings());
}

TEST_CASE("Chord's settings are read as RFC 6940 has them in its example, and printed with that plug-in alone") {
  const ring r;
  const std::string ours = "<topology-plugin>PHYLLO-PASTRY</topology-plugin>";
  const std::string chord =
      "<topology-plugin>CHORD-RELOAD</topology-plugin><chord:chord-update-interval>\n 400</chord:chord-update-interval>"
      "<chord:chord-ping-interval>30</chord:chord-ping-interval><chord:chord-reactive> false </chord:chord-reactive>";
  const auto read = parse(r, resigned(r, ours, chord));
  REQUIRE(read.has_value());
  CHECK(read->content.chord == identity::chord_settings{.update_interval_s = 400, .ping_interval_s = 30, .reactive = false});
  const auto zero = "<chord-ping-interval xmlns=\"urn:ietf:params:xml:ns:p2p:config-chord\">0</chord-ping-interval><no-ice>";
  CHECK(malformed(r, resigned(r, "<no-ice>", zero)).find("unacceptable content of chord-ping-interval") != std::string::npos);
  CHECK(r.text().find("chord") == std::string::npos);
}

TEST_CASE("an overlay of self-signed certificates is not for us") {
  const ring r;
  CHECK(parse(r, resigned(r, "<no-ice>", "<self-signed-permitted digest=\"sha1\">false</self-signed-permitted><no-ice>")));
  CHECK_FALSE(parse(r, resigned(r, "<no-ice>", "<self-signed-permitted digest=\"sha1\">true</self-signed-permitted><no-ice>")));
}

TEST_CASE("values outside the grammar are refused with their place") {
  const ring r;
  CHECK(malformed(r, resigned(r, "<no-ice>true", "<no-ice>maybe")).find("line ") == 0);
  CHECK(malformed(r, resigned(r, "<node-id-length>16", "<node-id-length>20")).find("node-id-length") != std::string::npos);
  CHECK(malformed(r, resigned(r, "<initial-ttl>30", "<initial-ttl>-1")).find("initial-ttl") != std::string::npos);
  CHECK(malformed(r, resigned(r, "<initial-ttl>30", "<initial-ttl>256")).find("initial-ttl") != std::string::npos);
  CHECK(malformed(r, resigned(r, "<bad-node>5a", "<bad-node>")).find("bad-node") != std::string::npos);
  CHECK(malformed(r, resigned(r, "port=\"6084\"", "port=\"0\"")).find("bootstrap-node") != std::string::npos);
  CHECK(malformed(r, resigned(r, "<enrollment-server>https", "<enrollment-server>http")).find("enrollment-server") != std::string::npos);
  CHECK(malformed(r, resigned(r, "<root-cert>", "<root-cert>*")).find("root-cert") != std::string::npos);
  CHECK(malformed(r, resigned(r, "<root-cert>", "<root-cert>AAAA")).find("root-cert") != std::string::npos);
  CHECK(malformed(r, resigned(r, "sequence=\"7\"", "sequence=\"65535\"")).find("sequence") == 0);
  CHECK(malformed(r, resigned(r, "T00:00:00.000Z", " 00:00:00")).find("expiration") == 0);
  CHECK(malformed(r, resigned(r, "<max-size>4096</max-size>", "")).find("required-kinds") != std::string::npos);
}

TEST_CASE("what is no XML, or no overlay, says so") {
  const ring r;
  CHECK(malformed(r, "") != "");
  CHECK(malformed(r, "noise") != "");
  CHECK(malformed(r, "<overlay>").find("line 1") == 0);
  CHECK(malformed(r, "<overlay/>").find("the root element is not") == 0);
  CHECK(malformed(r, "<overlay xmlns=\"urn:ietf:params:xml:ns:p2p:config-base\"/>") == "no <configuration> of this overlay");
}

TEST_CASE("documents over a mebibyte, with a document type, a NUL, or nested deeply are refused") {
  const ring r;
  CHECK(malformed(r, r.text() + std::string(1024 * 1024, ' ')) == "longer than 1 MiB");
  CHECK(malformed(r, replaced(r.text(), "<overlay", "<!DOCTYPE o [<!ENTITY a \"b\">]><overlay")) == "a document type");
  CHECK(malformed(r, r.text() + std::string(1, '\0')) == "a NUL");
  std::string deep;
  for (int i = 0; i < 200000; ++i) deep += "<a>";
  for (int i = 0; i < 50000; ++i) deep += "</a>";
  CHECK(malformed(r, deep).find("line 1") == 0);
  deep.clear();
  for (int i = 0; i < 100000; ++i) deep += "<a>";
  for (int i = 0; i < 100000; ++i) deep += "</a>";
  CHECK(malformed(r, deep) == "nested deeper than 16 levels");
}

TEST_CASE("a second closing tag hidden in a comment moves nothing into or out of the signed part") {
  const ring r;
  CHECK_FALSE(parse(r, replaced(r.text(), "<no-ice>", "<!-- </configuration> --><no-ice>")));
  const auto text = r.text();
  const auto from = text.find("<configuration");
  const std::string end = "</configuration>";
  const auto part = text.substr(from, text.find(end) + end.size() - from);
  // The signed bytes in a comment of an unsigned element.
  CHECK_FALSE(parse(r, replaced(text, part, "<configuration instance-name=\"x\"><!-- " + part + " --></configuration>")));
}

namespace {

kind_definition private_kind() { return {0xF0000002, "", "ARRAY", "USER-MATCH", 4, 100}; }

core::result<kind_block> parse_block(const ring& r, const std::string& text) {
  return parse_kind_block(text, parse(r, r.text()).value(), {}, today);
}

}  // namespace

TEST_CASE("a Kind's block by itself is read as it was printed, by whom it was signed") {
  const ring r;
  const auto text = print_kind_block(private_kind(), r.signer);
  const auto block = parse_block(r, text);
  REQUIRE(block);
  CHECK(block->definition == private_kind());
  CHECK(block->signer == numbered(1));
  CHECK(block->text == text);
}

TEST_CASE("a block that is cut out of the document is read by whoever has the document") {
  const ring r;
  const auto document = parse(r, r.text()).value();
  const auto text = kind_block_of(document, 0xF0000001);
  CHECK(text.starts_with("<kind-block>"));
  CHECK(text.ends_with("</kind-block>"));
  CHECK(parse_block(r, text)->definition == document.content.kinds[0]);
  CHECK(kind_block_of(document, 0xF0000002).empty());
}

TEST_CASE("a Kind's block that is altered, or signed by none of the document's kind-signers, is refused") {
  ring r;
  const auto text = print_kind_block(private_kind(), r.signer);
  CHECK(parse_block(r, replaced(text, "<max-count>4<", "<max-count>5<")).error() == errc::bad_signature);
  CHECK(parse_block(r, replaced(text, "<kind-signature>", "<kind-signature>AAAA")).error() == errc::bad_signature);
  CHECK(parse_block(r, replaced(text, "</kind>", "<!-- --></kind>")).error() == errc::bad_signature);
  CHECK(parse_block(r, replaced(text, "<data-model>ARRAY</data-model>", "")).error() == errc::malformed_document);
  CHECK(parse_block(r, "<kind/>").error() == errc::malformed_document);
  CHECK(parse_block(r, "").error() == errc::malformed_document);
  const auto other = credential_for(r.ca, 2, "node2@example.com");
  CHECK(parse_block(r, print_kind_block(private_kind(), other)).error() == errc::unknown_signer);
  r.content.kind_signers = {numbered(2)};
  CHECK(parse_block(r, print_kind_block(private_kind(), other)));
  const auto foreign = authority::create("evil.example.com", today);
  CHECK(parse_block(r, print_kind_block(private_kind(), credential_for(foreign, 1, "node1@example.com"))).error() == errc::unknown_signer);
}

TEST_CASE("the domains whose AORs are taken are read from their namespace's elements, and printed so") {
  ring r;
  CHECK_FALSE(parse(r, r.text())->content.kinds[1].domains.has_value());
  r.content.kinds[1].domains = domain_restrictions{true, {"dht\\.example\\.com", ".*\\.my\\.example"}};
  CHECK(parse(r, r.text())->content.kinds == r.content.kinds);
  r.content.kinds[1].domains = domain_restrictions{};
  const auto text = r.text();
  CHECK(parse(r, text)->content.kinds == r.content.kinds);
  ring q;
  q.content.kinds = {};
  const auto with = [&](const std::string& element) {
    auto block = print_kind_block({1, "SIP-REGISTRATION", "DICTIONARY", "USER-NODE-MATCH", 32, 4096}, q.signer);
    const auto kind =
        replaced(block.substr(block.find("<kind "), block.find("</kind>") + 7 - block.find("<kind ")), "</kind>", element + "</kind>");
    core::bytes security;
    core::wire_writer w(security);
    w.u16(0);
    sign(q.signer, {core::as_bytes(kind)}).write(w);
    return parse_block(q, "<kind-block>" + kind + "<kind-signature>" + core::to_base64(security) + "</kind-signature></kind-block>");
  };
  // The prefix of the RFC's grammar, declared outside or here; the grammar's other spelling.
  CHECK(with("<sip:domain-restrictions enable=\"true\"><sip:pattern> a </sip:pattern></sip:domain-restrictions>")->definition.domains ==
        domain_restrictions{true, {"a"}});
  CHECK(with("<x:domain-restriction xmlns:x=\"urn:ietf:params:xml:ns:p2p:config-base:sip\"/>")->definition.domains ==
        domain_restrictions{});
  CHECK_FALSE(with("<x:domain-restrictions xmlns:x=\"urn:other\"/>")->definition.domains.has_value());
  CHECK(with("<sip:domain-restrictions enable=\"perhaps\"/>").error() == errc::malformed_document);
  CHECK(with("<sip:domain-restrictions/><sip:domain-restrictions/>").error() == errc::malformed_document);
}

TEST_CASE("who may ask for a diagnostic Kind is read from its namespace's elements, and printed so") {
  ring r;
  r.content.diagnostics = {{0x2, {numbered(3), numbered(4)}}, {0xb, {numbered(3)}}};
  CHECK(parse(r, r.text())->content.diagnostics == r.content.diagnostics);
  const ring plain;
  const auto node = numbered(3).hex();
  const auto with = [&](const std::string& kind, const std::string& content) {
    return parse(plain,
                 resigned(plain, "<no-ice>", "<d:diagnostic-kind kind=\"" + kind + "\">" + content + "</d:diagnostic-kind><no-ice>"));
  };
  const auto good = with("B", "<d:access-node> " + node + " </d:access-node>");
  REQUIRE(good);
  CHECK(good->content.diagnostics == std::vector<diagnostic_access>{{0xb, {numbered(3)}}});
  for (const auto* kind : {"", "0x", "g", "10000"}) {
    CHECK_MESSAGE(with(kind, "<d:access-node>" + node + "</d:access-node>").error() == errc::malformed_document, kind);
  }
  CHECK(with("1", "").error() == errc::malformed_document);
  CHECK(with("1", "<d:access-node>3</d:access-node>").error() == errc::malformed_document);
}

}  // namespace configuration_parse_test

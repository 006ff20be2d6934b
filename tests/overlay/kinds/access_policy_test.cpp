#include "kinds/access_policy.hpp"

#include <doctest.h>

#include "kinds/redir_provider.hpp"
#include "kinds/sip_registration.hpp"
#include "kinds/turn_server.hpp"
#include "phyllo/overlay/errc.hpp"

namespace access_policy_test {

using namespace phyllo;
using namespace std::chrono_literals;
using overlay::errc;
using overlay::resource_kind;
using overlay::stored_data;
namespace kind_number = overlay::kind_number;

namespace {

const auto now = core::from_unix_milliseconds(1'767'225'600'000);

const overlay::kind& kind_of(overlay::kind_id id) { return *overlay::find_kind(overlay::known_kinds(), id); }

// An overlay and two users of it, each with one node; and a node that has authority for their domain.
struct users {
  users() { REQUIRE(trust.update({ca.certificate_der()}, {}).has_value()); }

  [[nodiscard]] identity::credential make(const std::string& user, std::uint8_t node, std::vector<std::string> domains = {}) const {
    auto key = identity::private_key::generate();
    identity::authority::request r;
    r.node.octets.fill(node);
    r.user = user;
    r.overlay = "test.overlay";
    r.domains = std::move(domains);
    r.not_before = now - 1h;
    r.not_after = now + 24h;
    auto certificate = ca.issue(r, key.native()).value();
    return {std::move(certificate), std::move(key)};
  }
  [[nodiscard]] stored_data value(overlay::kind_id id, const overlay::resource_id& resource, core::bytes content,
                                  const identity::credential& by, core::bytes key = {}, std::uint32_t index = 0) {
    stored_data d;
    d.storage_time = at++;
    d.lifetime = 600;
    d.value = {.model = kind_of(id).model, .index = index, .key = std::move(key), .exists = true, .value = std::move(content)};
    overlay::sign(d, resource, id, by);
    return d;
  }
  [[nodiscard]] core::status judged(overlay::kind_id id, const overlay::resource_id& resource, const stored_data& d,
                                    const identity::credential& by) {
    return check_value(kind_of(id), resource, d, by.certificate, trust, now);
  }
  // A record under its key, as this one writes it.
  [[nodiscard]] stored_data record_value(const overlay::resource_key& key, const overlay::record& r, const identity::credential& by) {
    auto d = value(resource_kind.id, key.name.key(), core::to_bytes(r.xml()), by, key.encode());
    d.storage_time = r.timestamp_ms;
    overlay::sign(d, key.name.key(), resource_kind.id, by);
    return d;
  }
  [[nodiscard]] core::status judged_record(const overlay::resource_key& key, const overlay::record& r, const identity::credential& by) {
    return judged(resource_kind.id, key.name.key(), record_value(key, r, by), by);
  }

  std::uint64_t at = 1'767'225'600'000;
  identity::authority ca = identity::authority::create("test", now - 1h);
  identity::trust trust{"test.overlay"};
  identity::credential alice = make("alice@example.com", 1);
  identity::credential mallory = make("mallory@example.com", 2);
  identity::credential server = make("server@example.com", 3, {"example.com"});
  overlay::resource_id alices = overlay::user_resource("alice@example.com");
};

core::bytes octets(const overlay::node_id& n) { return core::to_bytes(n.octets); }

overlay::sip_registration route_to(const overlay::node_id& n) {
  overlay::sip_registration s;
  s.contact_prefs = "(sip.schemes=SIP)";
  s.route = {overlay::destination::to_node(n)};
  return s;
}

overlay::record record_of(const std::string& name) {
  overlay::record r;
  r.name = *overlay::name::parse(name);
  r.lifetime_s = 600;
  r.timestamp_ms = 1'767'225'600'000;
  return r;
}

overlay::resource_key key_of(const overlay::record& r, overlay::key_form form, const overlay::binding& b) {
  return {.form = form, .binding = b, .name = r.name};
}

// The rule that it breaks, in the refusal's words.
std::string broken(const core::status& s, errc e) {
  REQUIRE_FALSE(s.has_value());
  CHECK(s.error() == e);
  return s.error().detail();
}

}  // namespace

TEST_CASE("PHYLLO-OWNER: a user writes under the own name by its own node, a node with authority under all of its domain") {
  const users u;
  const auto name = *overlay::name::parse("note:alice@example.com");
  const auto mine = u.alice.certificate.node().octets;
  const overlay::resource_key own{.form = overlay::key_form::owner, .binding = mine, .name = name};
  CHECK(may_write(own, u.alice.certificate));
  CHECK_FALSE(may_write(own, u.mallory.certificate));
  CHECK_FALSE(may_write(own, u.server.certificate));
  CHECK_FALSE(may_write(own, u.make("alice@example.com", 9).certificate));  // another node of hers has another entry
  const overlay::resource_key of_domain{.form = overlay::key_form::domain, .binding = mine, .name = name};
  CHECK(may_write(of_domain, u.server.certificate));
  CHECK_FALSE(may_write(of_domain, u.alice.certificate));
  const overlay::resource_key elsewhere{
      .form = overlay::key_form::domain, .binding = mine, .name = *overlay::name::parse("note:a@example.org")};
  CHECK_FALSE(may_write(elsewhere, u.server.certificate));
}

TEST_CASE("a record is of its key's name, time and resource, and lives no longer than it says") {
  users u;
  auto r = record_of("note:alice@example.com");
  const auto key = key_of(r, overlay::key_form::owner, u.alice.certificate.node().octets);
  CHECK(u.judged_record(key, r, u.alice).has_value());
  r.lifetime_s = 599;
  CHECK(broken(u.judged_record(key, r, u.alice), errc::invalid_record) == "<lifetime> is less than the lifetime stored for");
  r = record_of("data:alice@example.com");
  CHECK(broken(u.judged_record(key, r, u.alice), errc::invalid_record) == "the record's name is not the key's");
  r = record_of("note:alice@example.com");
  auto d = u.record_value(key, r, u.alice);
  d.storage_time += 1;
  overlay::sign(d, key.name.key(), resource_kind.id, u.alice);
  CHECK(broken(u.judged(resource_kind.id, key.name.key(), d, u.alice), errc::invalid_record) == "<timestamp> is not the storage time");
  d = u.record_value(key, r, u.alice);
  CHECK(broken(u.judged(resource_kind.id, u.alices, d, u.alice), errc::forbidden) == "the name does not hash to the Resource-ID");
  d.value.key = {1, 2, 3};
  CHECK(broken(u.judged(resource_kind.id, key.name.key(), d, u.alice), errc::forbidden).starts_with("a dictionary key that is no"));
  d = u.record_value(key, r, u.alice);
  d.value.value = core::to_bytes("no record");
  overlay::sign(d, key.name.key(), resource_kind.id, u.alice);
  CHECK(u.judged(resource_kind.id, key.name.key(), d, u.alice).error() == errc::invalid_record);
}

TEST_CASE("what a domain's node writes is bound to the phone where it is a location, and to the node itself where it is not") {
  users u;
  auto r = record_of("user location:alice@example.com");
  CHECK(broken(u.judged_record(key_of(r, overlay::key_form::domain, {}), r, u.server), errc::invalid_record) ==
        "a user location without location");
  overlay::location l;
  l.contact = "sip:alice@192.0.2.1";
  r.locations = {l};
  CHECK(u.judged_record(key_of(r, overlay::key_form::domain, binding_of(l)), r, u.server).has_value());
  CHECK(broken(u.judged_record(key_of(r, overlay::key_form::domain, u.server.certificate.node().octets), r, u.server), errc::forbidden) ==
        "the binding is not that of the contact");
  const auto note = record_of("note:alice@example.com");
  CHECK(u.judged_record(key_of(note, overlay::key_form::domain, u.server.certificate.node().octets), note, u.server).has_value());
  CHECK(broken(u.judged_record(key_of(note, overlay::key_form::domain, binding_of(l)), note, u.server), errc::forbidden) ==
        "the binding is not the signer's Node-ID");
}

TEST_CASE("a tombstone is judged by who writes it, and not by a content that it has not") {
  users u;
  const auto r = record_of("note:alice@example.com");
  const auto key = key_of(r, overlay::key_form::owner, u.alice.certificate.node().octets);
  auto d = u.record_value(key, r, u.alice);
  d.value.exists = false;
  d.value.value.clear();
  overlay::sign(d, key.name.key(), resource_kind.id, u.alice);
  CHECK(u.judged(resource_kind.id, key.name.key(), d, u.alice).has_value());
  overlay::sign(d, key.name.key(), resource_kind.id, u.mallory);
  CHECK(u.judged(resource_kind.id, key.name.key(), d, u.mallory).error() == errc::forbidden);
}

TEST_CASE("a value is refused whose signer is not trusted now, or whose signature is of something else") {
  users u;
  const auto r = record_of("note:alice@example.com");
  const auto key = key_of(r, overlay::key_form::owner, u.alice.certificate.node().octets);
  auto d = u.record_value(key, r, u.alice);
  CHECK(broken(check_value(resource_kind, key.name.key(), d, u.alice.certificate, u.trust, now + 25h), errc::forbidden)
            .starts_with("the value's signer: "));
  d.lifetime = 599;  // it is not signed
  CHECK(u.judged(resource_kind.id, key.name.key(), d, u.alice).has_value());
  d.signature.value.back() ^= 1;
  CHECK(u.judged(resource_kind.id, key.name.key(), d, u.alice).error() == errc::forbidden);
  CHECK(check_content(resource_kind, key.name.key(), d, u.alice.certificate).has_value());
}

TEST_CASE("USER-NODE-MATCH: a SIP registration belongs to the user's AOR and the node that wrote it") {
  users u;
  const auto node = u.alice.certificate.node();
  const auto content = route_to(node).encode();
  const auto good = u.value(kind_number::sip_registration, u.alices, content, u.alice, octets(node));
  CHECK(u.judged(kind_number::sip_registration, u.alices, good, u.alice).has_value());
  const auto other_key = u.value(kind_number::sip_registration, u.alices, content, u.alice, octets(u.mallory.certificate.node()));
  CHECK(u.judged(kind_number::sip_registration, u.alices, other_key, u.alice).error() == errc::forbidden);
  const auto forged = u.value(kind_number::sip_registration, u.alices, content, u.mallory, octets(u.mallory.certificate.node()));
  CHECK(u.judged(kind_number::sip_registration, u.alices, forged, u.mallory).error() == errc::forbidden);
  const auto garbage = u.value(kind_number::sip_registration, u.alices, {9, 9}, u.alice, octets(node));
  CHECK(u.judged(kind_number::sip_registration, u.alices, garbage, u.alice).error() == errc::invalid_record);
}

TEST_CASE("SIP registrations are of the AORs that the document admits") {
  users u;
  const auto node = u.alice.certificate.node();
  const auto d = u.value(kind_number::sip_registration, u.alices, route_to(node).encode(), u.alice, octets(node));
  overlay::domain_rules rules;
  auto required = identity::standard_kinds();
  const auto judged = [&](identity::domain_restrictions r) {
    required[1].domains = std::move(r);
    const auto kinds = overlay::kinds_of(required, "example.com", rules);
    return check_content(*overlay::find_kind(kinds, kind_number::sip_registration), u.alices, d, u.alice.certificate);
  };
  CHECK(judged({true, {"example\\.com"}}).has_value());
  CHECK(judged({false, {}}).has_value());
  const auto refused = judged({true, {"example\\.org"}});
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error() == errc::forbidden);
  CHECK(refused.error().message().find("no AOR of example.com") != std::string::npos);
}

TEST_CASE("NODE-MATCH and USER-MATCH: a node's certificates stand at H(Node-ID) and H(user)") {
  users u;
  const auto by_node = overlay::node_resource(u.alice.certificate.node());
  const auto der = core::to_bytes(u.alice.certificate.der());
  const auto at_node = u.value(kind_number::certificate_by_node, by_node, der, u.alice);
  const auto at_user = u.value(kind_number::certificate_by_user, u.alices, der, u.alice);
  CHECK(u.judged(kind_number::certificate_by_node, by_node, at_node, u.alice).has_value());
  CHECK(u.judged(kind_number::certificate_by_user, u.alices, at_user, u.alice).has_value());
  const auto others = u.value(kind_number::certificate_by_node, by_node, der, u.mallory);
  CHECK(u.judged(kind_number::certificate_by_node, by_node, others, u.mallory).error() == errc::forbidden);
  const auto stranger = u.value(kind_number::certificate_by_user, u.alices, der, u.mallory);
  CHECK(u.judged(kind_number::certificate_by_user, u.alices, stranger, u.mallory).error() == errc::forbidden);
  const auto no_certificate = u.value(kind_number::certificate_by_node, by_node, {1, 2, 3}, u.alice);
  CHECK(u.judged(kind_number::certificate_by_node, by_node, no_certificate, u.alice).error() == errc::invalid_record);
  const auto not_hers = u.value(kind_number::certificate_by_user, u.alices, core::to_bytes(u.mallory.certificate.der()), u.alice);
  CHECK(u.judged(kind_number::certificate_by_user, u.alices, not_hers, u.alice).error() == errc::invalid_record);
}

TEST_CASE("NODE-MULTIPLE: a TURN server writes at H(Node-ID || i) for i from 1 to 20, and says which i") {
  users u;
  const auto node = u.alice.certificate.node();
  overlay::turn_server t;
  t.at = {asio::ip::make_address("192.0.2.7"), 3478};
  for (const auto i : std::initializer_list<std::uint8_t>{1, 7, 20}) {
    t.iteration = i;
    const auto resource = overlay::multiple_resource(node, i);
    const auto good = u.value(kind_number::turn_service, resource, t.encode(), u.alice);
    CHECK(u.judged(kind_number::turn_service, resource, good, u.alice).has_value());
    CHECK(u.judged(kind_number::turn_service, resource, u.value(kind_number::turn_service, resource, t.encode(), u.mallory), u.mallory)
              .error() == errc::forbidden);
  }
  for (const auto i : std::initializer_list<std::uint8_t>{0, 21}) {
    const auto resource = overlay::multiple_resource(node, i);
    const auto bad = u.value(kind_number::turn_service, resource, t.encode(), u.alice);
    CHECK(u.judged(kind_number::turn_service, resource, bad, u.alice).error() == errc::forbidden);
  }
  const auto second = overlay::multiple_resource(node, 2);
  const auto mislabelled = u.value(kind_number::turn_service, second, t.encode(), u.alice);  // says 20
  CHECK(u.judged(kind_number::turn_service, second, mislabelled, u.alice).error() == errc::invalid_record);
}

TEST_CASE("NODE-ID-MATCH: a provider writes under its Node-ID, in the tree nodes whose intervals it lies in") {
  users u;
  const auto node = u.alice.certificate.node();
  for (std::uint16_t level = 0; level <= overlay::redir_level_max; ++level) {
    overlay::redir_provider p;
    p.route = {overlay::destination::to_node(node)};
    p.place = overlay::redir_place::of("turn-server", level, node);
    const auto resource = p.place.resource();
    const auto good = u.value(kind_number::redir, resource, p.encode(), u.alice, octets(node));
    CHECK(u.judged(kind_number::redir, resource, good, u.alice).has_value());
    const auto forged = u.value(kind_number::redir, resource, p.encode(), u.mallory, octets(node));
    CHECK(u.judged(kind_number::redir, resource, forged, u.mallory).error() == errc::forbidden);
    auto beside = p;
    beside.place.node = static_cast<std::uint16_t>(beside.place.node + 1);
    const auto wrong_place = u.value(kind_number::redir, beside.place.resource(), beside.encode(), u.alice, octets(node));
    CHECK(u.judged(kind_number::redir, beside.place.resource(), wrong_place, u.alice).error() == errc::forbidden);
    CHECK(
        u.judged(kind_number::redir, u.alices, u.value(kind_number::redir, u.alices, p.encode(), u.alice, octets(node)), u.alice).error() ==
        errc::forbidden);
    // "provided that exists=True": whoever wrote it may remove it.
    stored_data gone = good;
    gone.value.exists = false;
    gone.value.value.clear();
    overlay::sign(gone, resource, kind_number::redir, u.alice);
    CHECK(u.judged(kind_number::redir, resource, gone, u.alice).has_value());
  }
}

TEST_CASE("values larger than their Kind allows, or kept longer, are refused") {
  users u;
  const auto key = octets(u.alice.certificate.node());
  auto long_route = route_to(u.alice.certificate.node());
  long_route.contact_prefs.assign(5000, 'x');
  CHECK(u.judged(kind_number::sip_registration, u.alices,
                 u.value(kind_number::sip_registration, u.alices, long_route.encode(), u.alice, key), u.alice)
            .error() == errc::quota_exceeded);
  auto kept_long = u.value(kind_number::sip_registration, u.alices, route_to(u.alice.certificate.node()).encode(), u.alice, key);
  kept_long.lifetime = 86401;
  CHECK(u.judged(kind_number::sip_registration, u.alices, kept_long, u.alice).error() == errc::forbidden);
  const auto far = u.value(kind_number::certificate_by_user, u.alices, core::to_bytes(u.alice.certificate.der()), u.alice, {}, 0x1000000);
  CHECK(u.judged(kind_number::certificate_by_user, u.alices, far, u.alice).error() == errc::quota_exceeded);
}

TEST_CASE("a record has outlived its lifetime ten minutes after that has ended, at whatever time it says") {
  auto r = record_of("note:alice@example.com");
  CHECK_FALSE(outlived(r, now));
  CHECK_FALSE(outlived(r, now + 600s + 600s));
  CHECK(outlived(r, now + 600s + 600s + 1ms));
  r.timestamp_ms = ~std::uint64_t{0};
  CHECK_FALSE(outlived(r, now));
  r.timestamp_ms = 0;
  CHECK(outlived(r, now));
  r.lifetime_s = ~std::uint32_t{0};
  CHECK_FALSE(outlived(r, now));
}

}  // namespace access_policy_test

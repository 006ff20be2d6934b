#include "vectors/identity_vectors.hpp"

#include "link/frame.hpp"
#include "phyllo/identity/configuration.hpp"
#include "phyllo/stun/message.hpp"

namespace phyllo::testing {

using namespace identity;

namespace {

const core::wall_time now = core::from_unix_milliseconds(vectors_ms);

json describe_player(const player& p) {
  const auto& certificate = p.credential.certificate;
  return {{"name", p.name},
          {"seed", hex(core::byte_view(p.seed))},
          {"certificate", hex(certificate.der())},
          {"fingerprint", hex(core::byte_view(certificate.fingerprint()))},
          {"node_id", hex(p.node)},
          {"user", p.user},
          {"overlay", vectors_overlay},
          {"domains", p.domains},
          {"peer", p.peer},
          {"not_before", core::unix_milliseconds(certificate.not_before()) / 1000},
          {"not_after", core::unix_milliseconds(certificate.not_after()) / 1000}};
}

configuration vector_configuration(const cast& c) {
  configuration d;
  d.instance_name = vectors_overlay;
  d.sequence = 7;
  d.expiration = now + std::chrono::days(30);
  d.root_certificates = {c.authority_der};
  d.enrollment_servers = {"https://login.example.com/.well-known/reload-enroll"};
  d.bootstrap_nodes = {{"192.0.2.1", 6084}};
  d.configuration_signers = {c.login.node};
  d.kinds = standard_kinds();
  return d;
}

json frame(std::string_view what, core::byte_view bytes, json fields) {
  json out{{"what", what}, {"hex", hex(bytes)}};
  out.update(fields);
  return out;
}

json move_frames() {
  transport::move_frame ask;
  for (std::uint8_t i = 0; i < ask.token.size(); ++i) ask.token[i] = i;
  ask.state.highest = 9;
  for (const auto k : {0U, 1U, 8U}) ask.state.seen.set(k);  // 9, 8 and 1
  transport::move_frame told = ask;
  told.moved = told.accepted = true;
  return json::array(
      {frame("move: goes on here; of what was sent 9, 8 and 1 have arrived", transport::encode_move(ask),
             {{"type", 130}, {"token", hex(core::byte_view(ask.token))}, {"highest", 9}, {"arrived", {1, 8, 9}}}),
       frame("moved: it does", transport::encode_move(told), {{"type", 131}, {"accepted", 1}, {"highest", 9}, {"arrived", {1, 8, 9}}})});
}

json reach_messages() {
  stun::message ask;
  for (std::uint8_t i = 0; i < ask.transaction.size(); ++i) ask.transaction[i] = i;
  ask.add(stun::attribute_type::reach, core::bytes(100));
  stun::message answer;
  answer.type = stun::message_type::binding_success;
  answer.transaction = ask.transaction;
  answer.add_xor_mapped_address({asio::ip::make_address("192.0.2.77"), 50000});
  answer.add(stun::attribute_type::reach, core::bytes(16, 0x5a));
  stun::message proof;
  proof.type = stun::message_type::binding_indication;
  proof.transaction = ask.transaction;
  proof.add(stun::attribute_type::reach, core::bytes(16, 0x5a));
  const auto transaction = hex(core::byte_view(ask.transaction));
  return json::array(
      {frame("Binding request with REACH", ask.encode(), {{"method", 0x0001}, {"transaction", transaction}, {"reach", 100}}),
       frame("success: the mapped address, and a token", answer.encode(),
             {{"method", 0x0101}, {"transaction", transaction}, {"reach", 16}, {"address", "192.0.2.77"}, {"port", 50000}}),
       frame("indication: the token came here", proof.encode(), {{"method", 0x0011}, {"transaction", transaction}, {"reach", 16}})});
}

}  // namespace

std::string vector_document(const cast& c) { return print(vector_configuration(c), c.login.credential); }

revocation_list::next vector_revocations(const cast& c) {
  const std::vector<revocation> wanted{{vector_id(0x77), revoked_for_good}, {revoked_user("mallory@example.com"), 1'767'225'601}};
  return revocation_list().succeed(wanted, 1'767'225'600, vectors_overlay, c.login.credential).value();
}

json key_vectors(const cast& c) {
  auto players = json::array();
  for (const auto* p : c.all()) players.push_back(describe_player(*p));
  return {{"about",
           "Ed25519 keys (RFC 8032; the seed is the private key) and certificates of a fixed overlay (identity.md). Never use these keys."},
          {"overlay", vectors_overlay},
          {"overlay_hash", c.overlay_hash()},
          {"authority", {{"seed", hex(core::byte_view(c.authority_seed))}, {"certificate", hex(core::byte_view(c.authority_der))}}},
          {"credentials", players}};
}

json document_vectors(const cast& c) {
  const auto text = vector_document(c);
  const auto read = parse_configuration(text, {}, now).value().content;
  auto kinds = json::array();
  for (const auto& k : read.kinds) {
    kinds.push_back({{"id", k.id},
                     {"data_model", k.data_model},
                     {"access_control", k.access_control},
                     {"max_count", k.max_count},
                     {"max_size", k.max_size}});
  }
  return {{"about",
           "A signed configuration document (RFC 6940 s.11.1; identity.md). Signed are the exact bytes from <configuration to "
           "</configuration>, "
           "then SignerIdentity; its kind-signatures likewise."},
          {"signer", c.login.name},
          {"fields",
           {{"instance_name", read.instance_name},
            {"sequence", read.sequence},
            {"topology_plugin", read.topology_plugin},
            {"initial_ttl", read.initial_ttl},
            {"max_message_size", read.max_message_size},
            {"configuration_signer", hex(read.configuration_signers.front())},
            {"kinds", kinds}}},
          {"text", text}};
}

json revocation_vectors(const cast& c) {
  const auto next = vector_revocations(c);
  auto entries = json::array();
  for (const auto& e : next.delta.entries) entries.push_back({{"key", hex(e.key)}, {"before", e.before}});
  revocation_list list;
  list.seek(next.head);
  const bool applied = list.apply(next.delta).has_value();
  return {
      {"about",
       "A revocation list of two entries, a Node-ID for good and a user until a time (identity.md): the change that makes it of nothing, "
       "its "
       "head, its only leaf, and the digests of leaves, of which `root` is the SHA-256."},
      {"signer", c.login.name},
      {"applied", applied},
      {"user", "mallory@example.com"},
      {"head",
       {{"hex", hex(core::byte_view(next.head.text))},
        {"overlay", next.head.overlay},
        {"number", next.head.number},
        {"entries", next.head.entries},
        {"bits", next.head.bits},
        {"root", hex(core::byte_view(next.head.root))}}},
      {"delta", {{"hex", hex(core::byte_view(next.delta.encode()))}, {"from", next.delta.from}, {"to", next.delta.to}, {"put", entries}}},
      {"leaf", hex(list.leaf(0).value())},
      {"digests", hex(core::byte_view(list.digests()))}};
}

json frame_vectors() {
  const auto message = core::to_bytes("a message");
  return {{"about", "Frames of links (RFC 6940 s.6.6.2; links.md, Moves), and the STUN messages before DTLS (links.md, Reachability)."},
          {"frames", json::array({frame("data", transport::encode_data(7, message),
                                        {{"type", 128}, {"sequence", 7}, {"message", hex(core::byte_view(message))}}),
                                  frame("ack of 9; 8 and 6 have arrived too (bit 0 is 9 - 1)", transport::encode_ack(9, 0b101),
                                        {{"type", 129}, {"ack_sequence", 9}, {"received", 5}})})},
          {"moves", move_frames()},
          {"reach", reach_messages()}};
}

}  // namespace phyllo::testing

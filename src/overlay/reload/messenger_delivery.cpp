// Of the message layer: what is for this node (RFC 6940 s.6.3.2.1, s.6.3.4).
#include <algorithm>

#include "phyllo/identity/errc.hpp"
#include "reload/messenger.hpp"

namespace phyllo::overlay {
namespace {

constexpr core::duration configuration_retry = std::chrono::milliseconds(250);
constexpr std::size_t strangers_max = 64;

// RFC 6940 s.6.3.2.1: "greater than or less than are interpreted by modulo arithmetic as in TCP".
bool older(std::uint16_t a, std::uint16_t b) { return static_cast<std::int16_t>(static_cast<std::uint16_t>(a - b)) < 0; }

std::string_view reason(const core::error& e) {
  if (e == identity::errc::expired) return "expired_certificate";
  if (e == identity::errc::revoked) return "revoked_certificate";
  if (e == identity::errc::unsupported_algorithm) return "unsupported_algorithm";
  if (e == identity::errc::bad_signature || e == identity::errc::unknown_signer) return "bad_signature";
  return "foreign_certificate";
}

// Answered alike when processed again (s.6.2.1 says so of Fetch), and large: not worth remembering.
bool idempotent(std::uint16_t c) {
  return c == code::fetch_req || c == code::stat_req || c == code::find_req || c == code::ping_req || c == code::probe_req ||
         c == code::route_query_req || c == code::path_track_req;
}

// What any node on the way may answer.
bool from_the_way(std::uint16_t error, std::uint16_t request) {
  const bool diagnoses = request == code::ping_req || request == code::path_track_req;
  if (diagnoses && error >= error_code::underlay_destination_unreachable && error <= error_code::ttl_hops_exceeded) return true;
  return error == error_code::ttl_exceeded || error == error_code::unsupported_forwarding_option || error == error_code::message_too_large;
}

// An answer has to have room for them.
bool too_long(const std::vector<forwarding_option>& options) {
  constexpr std::size_t copied_bytes_max = 1024;
  std::size_t size = 0;
  for (const auto& o : options) size += 4 + o.content.size();
  return size > copied_bytes_max;
}

bool carries_values(std::uint16_t c) { return (c >= code::store_req && c <= code::fetch_req + 1) || c == code::error; }

std::vector<node_id> path_of(const forwarding_header& h, const node_id& self, const std::optional<node_id>& from) {
  std::vector<node_id> out{self};
  if (from) out.push_back(*from);
  for (auto i = h.via.rbegin(); i != h.via.rend(); ++i) out.push_back(i->id);
  return out;
}

}  // namespace

void messenger::on_arrived(const forwarding_header& h, const payload_ptr& payload, const std::optional<node_id>& from) {
  auto opened = open_payload(*payload);
  if (!opened) return counters_.dropped("malformed", from);
  if (opened->signature.identity_type == 3 || opened->signature.value.empty()) return counters_.dropped("unsigned", from);
  const auto signer = find_signer(*opened);
  if (!signer) return await_certificate(h, payload, *opened, from);
  if (!believe(h, *opened, *signer, from)) return;
  if (carries_values(opened->contents.code)) {
    opened->contents.certificates = certificates_.parse(opened->certificates);
    std::erase(opened->contents.certificates, *signer);
  }
  if (is_request(opened->contents.code)) return deliver_request(h, *opened, *signer, from);
  deliver_answer(h, *opened, *signer, from);
}

std::optional<identity::certificate> messenger::find_signer(const opened_payload& p) {
  const auto* hash = p.signature.certificate_hash();
  if (hash == nullptr) return std::nullopt;
  identity::sha256_digest fingerprint;
  std::copy_n(hash, fingerprint.size(), fingerprint.begin());
  if (const auto* known = certificates_.find(fingerprint)) return *known;
  for (const auto der : p.certificates) {
    if (identity::sha256(der) != fingerprint) continue;
    auto parsed = trust_.read(der);
    if (parsed) return std::move(*parsed);
    return std::nullopt;
  }
  return std::nullopt;
}

// "some certificates MAY be omitted" (s.6.3.4): the overlay has them, under the Node-ID of the node that sent this (s.8).
void messenger::await_certificate(const forwarding_header& h, const payload_ptr& payload, const opened_payload& p,
                                  const std::optional<node_id>& from) {
  const auto* hash = p.signature.certificate_hash();
  const auto named = [&](core::byte_view der) {
    const auto digest = identity::sha256(der);
    return std::equal(digest.begin(), digest.end(), hash);
  };
  const bool absent = hash != nullptr && std::ranges::none_of(p.certificates, named);
  const bool by_node = h.via.empty() || h.via.front().type == destination_type::node;
  if (!absent || !by_node || !from || strangers_.size() >= strangers_max) return counters_.dropped("unknown_signer", from);
  auto of = *from;
  if (!h.via.empty()) of = h.via.front().id;
  strangers_.push_back({of, h, payload, *from});
  up_.on_unknown_signer(of);
}

void messenger::release_strangers(const node_id& n) {
  auto waiting = std::exchange(strangers_, {});
  for (auto& m : waiting) {
    if (m.of != n) {
      strangers_.push_back(std::move(m));
      continue;
    }
    const auto opened = open_payload(*m.payload);
    if (opened && find_signer(*opened)) {
      on_arrived(m.header, m.payload, m.from);
    } else {
      counters_.dropped("unknown_signer", m.from);
    }
  }
}

// s.13.6.3: peers "can verify the data origin of the last-hop peer for requests and responses without further cryptography": of an active
// peer whose link was made with this very certificate. "The destination node MUST verify the signature" (s.6.3.4) of all others. A
// forwarding peer would have appended the hop before it to the via list.
bool messenger::origin_known(const forwarding_header& h, const identity::certificate& signer, const std::optional<node_id>& from) const {
  if (!h.via.empty()) return false;
  if (!from) return signer == maker_.certificate();
  const auto* l = links_.to(*from);
  return l != nullptr && topology_.is_active(*from) && l->peer() == signer;
}

// Of its link's peer, by the certificate that TLS has checked.
bool messenger::of_link(const forwarding_header& h, const identity::certificate& signer, const std::optional<node_id>& from) const {
  if (!h.via.empty() || !from) return false;
  const auto* l = links_.to(*from);
  return l != nullptr && l->peer() == signer;
}

bool messenger::believe(const forwarding_header& h, const opened_payload& p, const identity::certificate& signer,
                        const std::optional<node_id>& from) {
  if (auto trusted = trust_.check(signer, env_.wall_now()); !trusted) {
    if (trusted.error() == identity::errc::expired && of_link(h, signer, from)) {
      unjudged_ = true;
      neighbours_.on_unjudged(*from, p.contents);
    }
    counters_.dropped(reason(trusted.error()), from);
    return false;
  }
  if (unjudged_ && of_link(h, signer, from)) neighbours_.on_judged(*from);
  if (!origin_known(h, signer, from)) {
    if (auto good = verify_payload(p, h.overlay, h.transaction_id, signer); !good) {
      counters_.dropped(reason(good.error()), from);
      return false;
    }
  }
  certificates_.keep(signer);
  return true;
}

void messenger::deliver_request(const forwarding_header& h, opened_payload& p, const identity::certificate& signer,
                                const std::optional<node_id>& from) {
  received_request r{
      .contents = std::move(p.contents), .signer = signer, .resource = {}, .link_peer = from, .return_path = {}, .copied_options = {}};
  if (h.destinations.front().type == destination_type::resource) r.resource = h.destinations.front().id;
  r.direct = from && *from == signer.node() && h.via.empty();
  if (r.direct && arrived_ != nullptr && links_.to(*from) != arrived_) r.by = links_.share(*arrived_);
  r.transaction = h.transaction_id;
  r.ttl = h.ttl;
  r.max_response_length = h.max_response_length;
  r.return_path = return_path(h.via, from);
  r.copied_options = copied_to_response(h.options);
  if (too_long(r.copied_options)) {
    r.copied_options.clear();
    return respond(r, make_error(error_code::invalid_message, "more options to copy than an answer has room for"));
  }
  compare_configurations(h, r.signer.node(), r.return_path);
  // No option is known here.
  if (std::ranges::any_of(h.options, [](const auto& o) { return (o.flags & forwarding_option::destination_critical) != 0; }))
    return respond(r, make_error(error_code::unsupported_forwarding_option));
  const bool local = r.return_path.empty();
  if (!idempotent(r.contents.code) && !local) {
    switch (answers_.look(signer.node(), r.transaction, env_.now())) {
      case answer_cache::state::fresh: r.remember = true; break;
      case answer_cache::state::in_progress: return;
      case answer_cache::state::answered: {
        auto again = std::make_shared<core::bytes>(answers_.answer(signer.node(), r.transaction));
        return send_answer(r, std::move(again));
      }
    }
  }
  up_.on_request(std::move(r));
}

// Neither is refused (reload.md, Differences): whoever has the newer document hands it on, and meanwhile both go on.
void messenger::compare_configurations(const forwarding_header& h, const node_id& who, destination_list way_back) {
  const auto ours = maker_.configuration_sequence();
  if (h.configuration_sequence == ours || h.configuration_sequence == any_sequence) return;
  if (older(h.configuration_sequence, ours)) return up_.on_old_configuration(std::move(way_back), who);
  up_.on_new_configuration(who);
}

void messenger::respond(const received_request& r, message_contents m) {
  if (stopped_) return;
  if (r.return_path.empty()) {  // of this node to itself
    local_answers_.push_back({r.transaction, {std::move(m), topology_.self(), {topology_.self()}, 0}});
    return up_.on_agenda_changed();
  }
  auto payload = std::make_shared<core::bytes>(maker_.seal(m, r.transaction));
  // "If this value is non-zero, responding peers MUST check that any response would not exceed it" (s.6.3.2). Of the overlay's own limit
  // some is left for lists that grow on the way.
  constexpr std::size_t room_for_lists = 4096;
  const bool over_theirs = r.max_response_length != 0 && answer_header(r).message(*payload).size() > r.max_response_length;
  if (over_theirs || payload->size() + room_for_lists > options_.message_max) {
    *payload = maker_.seal(make_error(error_code::response_too_large), r.transaction);
  }
  if (r.remember) answers_.answered(r.signer.node(), r.transaction, *payload);
  send_answer(r, std::move(payload));
}

// Whom it does not reach by its link asks again.
void messenger::send_answer(const received_request& r, payload_ptr payload) {
  auto h = answer_header(r);
  const auto by = r.by.lock();
  if (by && by->open() && router_.send_by(*by, h, payload, true)) return;
  router_.route(std::move(h), std::move(payload), std::nullopt, r.direct);
}

void messenger::deliver_answer(const forwarding_header& h, opened_payload& p, const identity::certificate& signer,
                               const std::optional<node_id>& from) {
  compare_configurations(h, signer.node(), {destination::to_node(signer.node())});
  auto* r = requests_.find(h.transaction_id, signer.node());
  if (r == nullptr) return counters_.dropped("late_answer", from);
  answer a{std::move(p.contents), signer.node(), path_of(h, topology_.self(), from), 0};
  a.hops = static_cast<unsigned>(a.path.size()) - 1;
  a.of_peer = signer.may_be_peer();
  if (acceptable(*r, a)) complete(requests_.take(*r), std::move(a));
}

bool messenger::acceptable(pending_request& r, const answer& a) {
  const auto error = a.contents.code == code::error ? read_error(a.contents) : core::result<error_response>(error_response{});
  if (!error || (a.contents.code != code::error && a.contents.code != r.code + 1)) {
    counters_.dropped("malformed", a.from);
    return false;
  }
  if (from_the_way(error->code, r.code)) return true;
  const auto& target = r.target();
  if (target.type == destination_type::node && !target.wildcard() && target.id != a.from) {
    counters_.dropped("wrong_signer", a.from);
    return false;
  }
  if (error->code == error_code::config_too_old || error->code == error_code::config_too_new) {
    r.sends = 0;
    requests_.send_at(r, env_.now() + configuration_retry);
    up_.on_configuration_differs(a.from, error->code == error_code::config_too_old);
    up_.on_agenda_changed();
    return false;
  }
  if (target.type == destination_type::resource && !topology_.credible_root(a.from, target.id)) {
    counters_.dropped("wrong_root", a.from);
    requests_.refused(r, env_.now());
    up_.on_agenda_changed();
    return false;
  }
  return true;
}

}  // namespace phyllo::overlay

// Of the peer: configuration documents on their way through the overlay (RFC 6940 s.6.3.2.1, s.6.5.4).
#include "config_update_message.hpp"
#include "peer_impl.hpp"
#include "phyllo/identity/errc.hpp"

namespace phyllo::overlay {
namespace {

using namespace std::chrono_literals;

bool newer(std::uint16_t a, std::uint16_t b) { return static_cast<std::int16_t>(static_cast<std::uint16_t>(a - b)) > 0; }

}  // namespace

core::awaitable<core::status> peer_impl::adopt(std::string document) { co_return take(document, {}); }

core::status peer_impl::take(const std::string& document, const std::vector<identity::certificate>& signers) {
  if (document == configuration_.text) return {};
  auto parsed = identity::parse_configuration(document, signers, env_.wall_now(), &configuration_.content);
  if (!parsed) return core::fail(parsed.error());
  auto& next = parsed->content;
  if (!newer(next.sequence, configuration_.content.sequence)) return core::fail(identity::errc::older_document);
  if (next.instance_name != trust_.overlay_name()) return core::fail(identity::errc::wrong_overlay, next.instance_name);
  if (auto s = trust_.update(next.root_certificates, next.bad_nodes); !s) return s;
  configuration_ = std::move(*parsed);
  log_.info("configuration {} taken", configuration_.content.sequence);
  forget_kinds();
  storage_->use_kinds(kinds_now());
  pastry_.messages().set_configuration_sequence(configuration_.content.sequence);
  pastry_.drop_revoked();
  for (const auto& n : pastry_.links().peers()) push_configuration({destination::to_node(n)});
  return {};
}

void peer_impl::push_configuration(destination_list to) {
  config_update_request c;
  c.document = configuration_.text;
  message_contents m;
  m.code = code::config_update_req;
  m.body = c.print();
  pastry_.messages().request(std::move(to), std::move(m), env_.now() + 5s, {}, {});
}

void peer_impl::on_config_update(const received_request& r) {
  auto& messages = pastry_.messages();
  const auto c = config_update_request::read(r.contents.body);
  if (!c) return messages.respond(r, make_error(error_code::invalid_message, c.error().message()));
  std::vector<identity::certificate> signers = r.contents.certificates;
  signers.push_back(r.signer);
  const auto taken = c->type == config_update_type::config ? take(c->document, signers) : take_kinds(c->kinds, signers);
  if (!taken && taken.error() != identity::errc::older_document) {
    metrics_.drop("configuration");
    return messages.respond(r, make_error(error_code::forbidden, taken.error().message()));
  }
  message_contents m;
  m.code = code::config_update_req + 1;
  messages.respond(r, std::move(m));
}

void peer_impl::on_configuration_differs(const node_id& who, bool too_old) {
  if (!too_old) push_configuration({destination::to_node(who)});  // theirs is the older one
}

// The requester can not be reached by its Node-ID yet if it is a joiner: back the way its request came.
void peer_impl::on_old_configuration(destination_list return_path, const node_id&) { push_configuration(std::move(return_path)); }

}  // namespace phyllo::overlay

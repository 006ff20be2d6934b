// Of the peer: configuration documents on their way through the overlay (RFC 6940 s.6.3.2.1, s.6.5.4).
#include "peer/peer_impl.hpp"
#include "phyllo/identity/errc.hpp"
#include "reload/config_update_message.hpp"

namespace phyllo::overlay {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t pushed_bytes_max = 48 * 1024;  // of a document that goes in one message
constexpr std::size_t piece_bytes_max = 32'000;      // of one that goes in pieces
constexpr std::size_t document_bytes_max = 1U << 20U;
constexpr core::duration pushed_again_after = 10s;  // to one node
constexpr core::duration push_awaited = 1s;         // before a document is asked for: most are pushed
constexpr core::duration piece_within = 5s;

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
  messenger_.set_configuration_sequence(configuration_.content.sequence);
  topology_->drop_revoked();
  for (const auto& n : links_.peers()) push_configuration({destination::to_node(n)});
  if (on_document_) on_document_(configuration_);
  return {};
}

void peer_impl::push_configuration(destination_list to) {
  if (configuration_.text.empty() || configuration_.text.size() > pushed_bytes_max)
    return;  // whoever lacks it comes for it, piece by piece
  config_update_request c;
  c.document = configuration_.text;
  message_contents m;
  m.code = code::config_update_req;
  m.body = c.print();
  messenger_.request(std::move(to), std::move(m), env_.now() + 5s, {}, {});
}

void peer_impl::on_config_update(const received_request& r) {
  const auto c = config_update_request::read(r.contents.body);
  if (!c) return messenger_.respond(r, make_error(error_code::invalid_message, c.error().message()));
  std::vector<identity::certificate> signers = r.contents.certificates;
  signers.push_back(r.signer);
  const auto taken = c->type == config_update_type::config ? take(c->document, signers) : take_kinds(c->kinds, signers);
  if (!taken && taken.error() != identity::errc::older_document) {
    metrics_.drop("configuration");
    return messenger_.respond(r, make_error(error_code::forbidden, taken.error().message()));
  }
  message_contents m;
  m.code = code::config_update_req + 1;
  messenger_.respond(r, std::move(m));
}

// A node of another implementation refuses what is of another sequence.
void peer_impl::on_configuration_differs(const node_id& who, bool too_old) {
  if (!too_old) push_configuration({destination::to_node(who)});  // theirs is the older one
}

// The requester can not be reached by its Node-ID yet if it is a joiner: back the way its request came. It goes on asking with its old
// sequence until it has taken the new document, so not each time.
void peer_impl::on_old_configuration(destination_list return_path, const node_id& who) {
  auto [until, made] = pushed_to_.try_emplace(who);
  if (!made && env_.now() < until) return;
  until = env_.now() + pushed_again_after;
  push_configuration(std::move(return_path));
}

// Most often it is on its way. Where it is too long for one message, or was lost, it is fetched from whoever is linked and has it.
void peer_impl::on_new_configuration(const node_id& who) {
  if (pulling_document_ || links_.to(who) == nullptr) return;
  pulling_document_ = true;
  scope_.spawn(pull_document(who));
}

core::awaitable<void> peer_impl::pull_document(node_id from) {
  const auto mine = configuration_.content.sequence;
  co_await core::sleep_for(env_, push_awaited);
  if (configuration_.content.sequence == mine) {
    const auto text = co_await fetch_document(from);
    const std::vector<identity::certificate> no_others;  // the document brings its signer's
    core::status taken;
    if (text) taken = take(*text, no_others);
    if (!text) log_.debug("a newer document is not to be had of {}: {}", from.hex(), text.error().message());
    const bool refused = !taken && !(taken.error() == identity::errc::older_document);
    if (refused) {
      metrics_.drop("configuration");
      log_.debug("the newer document of {} is refused: {}", from.hex(), taken.error().message());
    }
    if (refused || !text) co_await core::sleep_for(env_, pushed_again_after);
  }
  pulling_document_ = false;
}

core::awaitable<core::result<std::string>> peer_impl::document_of_another() {
  const auto linked = links_.peers();
  if (linked.empty()) co_return core::fail(errc::unreachable, "no node is linked");
  const auto one = linked[core::random_u64(env_) % linked.size()];
  co_return co_await fetch_document(one);
}

core::awaitable<core::result<std::string>> peer_impl::fetch_document(node_id from) {
  std::string text;
  std::optional<document_piece> first;
  while (!first || text.size() < first->size) {  // ends with the last piece, or with one that does not fit
    core::bytes question;
    core::wire_writer w(question);
    w.u32(static_cast<std::uint32_t>(text.size()));
    const auto answer =
        co_await topology_->carries().ask_on_link(from, link_subject::document, std::move(question), env_.now() + piece_within);
    if (!answer) co_return core::fail(answer.error());
    auto piece = document_piece::decode(*answer);
    if (!piece) co_return core::fail(piece.error());
    const bool goes_on = !first || (first->sequence == piece->sequence && first->size == piece->size);
    if (!goes_on || piece->piece.empty() || piece->size > document_bytes_max || text.size() + piece->piece.size() > piece->size)
      co_return core::fail(errc::invalid_message, "a piece that does not fit");
    text += core::as_text(piece->piece);
    first = std::move(*piece);
  }
  co_return text;
}

core::bytes peer_impl::piece_of_document(core::byte_view question) const {
  core::wire_reader r(question);
  const auto offset = std::min<std::size_t>(r.u32(), configuration_.text.size());
  document_piece p{configuration_.content.sequence, static_cast<std::uint32_t>(configuration_.text.size()), {}};
  p.piece = core::to_bytes(std::string_view(configuration_.text).substr(offset, piece_bytes_max));
  return p.encode();
}

}  // namespace phyllo::overlay

#include "peer/document_exchange.hpp"

#include <utility>

#include "peer/document_assembly.hpp"
#include "phyllo/identity/errc.hpp"
#include "phyllo/overlay/errc.hpp"
#include "reload/config_update_message.hpp"
#include "reload/message.hpp"

namespace phyllo::overlay {
namespace {

using namespace std::chrono_literals;

constexpr core::duration push_awaited = 1s;  // before a document is asked for: most are pushed
constexpr core::duration piece_within = 5s;

}  // namespace

document_exchange::document_exchange(core::environment& env, held_document& held, identity::trust& trust, kind_spreading& kinds,
                                     lower_layers& below, core::metrics& metrics, core::logger log, core::task_scope& tasks,
                                     overlay_observer& up)
    : env_(env),
      held_(held),
      trust_(trust),
      kinds_(kinds),
      messenger_(below.messages()),
      links_(below.links()),
      topology_(below.topology()),
      metrics_(metrics),
      log_(std::move(log)),
      tasks_(tasks),
      up_(up) {}

core::status document_exchange::take(const std::string& document, const std::vector<identity::certificate>& signers) {
  const auto& current = held_.current();
  if (document == current.text) return {};
  auto next = held_.judge(document, signers, env_.wall_now(), trust_.overlay_name());
  if (!next) return core::fail(next.error());
  if (auto s = trust_.update(next->content.root_certificates, next->content.bad_nodes); !s) return s;
  held_.replace(std::move(*next));
  log_.info("configuration {} taken", current.content.sequence);
  kinds_.on_new_document();
  messenger_.set_configuration_sequence(current.content.sequence);
  topology_.drop_revoked();
  for (const auto& n : links_.peers()) push({destination::to_node(n)});
  up_.on_document(current);
  return {};
}

void document_exchange::push(destination_list to) {
  if (auto m = held_.update()) messenger_.requests().ask(std::move(to), std::move(*m), env_.now() + 5s, {}, {});
}

void document_exchange::on_config_update(const received_request& r) {
  const auto c = config_update_request::decode(r.contents.body);
  if (!c) return messenger_.answers().respond(r, make_error(error_code::invalid_message, c.error().message()));
  std::vector<identity::certificate> signers = r.contents.certificates;
  signers.push_back(r.signer);
  const auto taken = c->type == config_update_type::config ? take(c->document, signers) : kinds_.take(c->kinds, signers);
  if (!taken && taken.error() != identity::errc::older_document) {
    metrics_.drop("configuration");
    return messenger_.answers().respond(r, make_error(error_code::forbidden, taken.error().message()));
  }
  message_contents m;
  m.code = code::config_update_req + 1;
  messenger_.answers().respond(r, std::move(m));
}

// A node of another implementation refuses what is of another sequence.
void document_exchange::on_configuration_differs(const node_id& who, bool too_old) {
  if (!too_old) push({destination::to_node(who)});  // theirs is the older one
}

// The requester can not be reached by its Node-ID yet if it is a joiner: back the way its request came. It goes on asking with its old
// sequence until it has taken the new document, so not each time.
void document_exchange::on_old_configuration(destination_list return_path, const node_id& who) {
  if (held_.may_push(who, env_.now())) push(std::move(return_path));
}

// Most often it is on its way. Where it is too long for one message, or was lost, it is fetched from whoever is linked and has it.
void document_exchange::on_new_configuration(const node_id& who) {
  if (pulling_ || links_.to(who) == nullptr) return;
  pulling_ = true;
  tasks_.spawn(pull(who));
}

core::awaitable<void> document_exchange::pull(node_id from) {
  const auto mine = held_.current().content.sequence;
  co_await core::sleep_for(env_, push_awaited);
  if (held_.current().content.sequence == mine) {
    const auto text = co_await fetch(from);
    const std::vector<identity::certificate> no_others;  // the document brings its signer's
    core::status taken;
    if (text) taken = take(*text, no_others);
    if (!text) log_.debug("a newer document is not to be had of {}: {}", from.hex(), text.error().message());
    const bool refused = !taken && !(taken.error() == identity::errc::older_document);
    if (refused) {
      metrics_.drop("configuration");
      log_.debug("the newer document of {} is refused: {}", from.hex(), taken.error().message());
    }
    if (refused || !text) co_await core::sleep_for(env_, held_document::pushed_again_after);
  }
  pulling_ = false;
}

core::awaitable<core::result<std::string>> document_exchange::of_another() {
  const auto linked = links_.peers();
  if (linked.empty()) co_return core::fail(errc::unreachable, "no node is linked");
  const auto one = linked[core::random_u64(env_) % linked.size()];
  co_return co_await fetch(one);
}

core::awaitable<core::result<std::string>> document_exchange::fetch(node_id from) {
  document_assembly assembly;
  while (!assembly.whole()) {  // ends with the last piece, or with one that does not fit
    auto question = assembly.question();
    const auto answer =
        co_await topology_.carries().ask_on_link(from, link_subject::document, std::move(question), env_.now() + piece_within);
    if (!answer) co_return core::fail(answer.error());
    if (auto s = assembly.take(*answer); !s) co_return core::fail(s.error());
  }
  co_return assembly.text();
}

}  // namespace phyllo::overlay

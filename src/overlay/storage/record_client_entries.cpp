// Values of any Kind, stored and fetched as a writer and a reader do (storage.md; usages.hpp).
#include <algorithm>

#include "kinds/access_policy.hpp"
#include "phyllo/overlay/errc.hpp"
#include "storage/record_client.hpp"
#include "storage/store_message.hpp"

namespace phyllo::overlay {
namespace {

constexpr int newer_entry_retries = 4;

}  // namespace

core::result<stored_data> record_client::make_entry(const kind& k, const resource_id& resource, const kind_entry& e, std::uint32_t lifetime,
                                                    std::uint64_t at) const {
  stored_data d;
  d.storage_time = at;
  d.lifetime = lifetime;
  d.value = {.model = k.model, .index = 0, .key = e.key, .exists = e.exists, .value = e.value};
  if (k.model == data_model::array && e.index <= array_index_max) d.value.index = e.index;
  if (auto s = check_content(k, resource, d, self_->certificate); !s) return core::fail(s.error());
  sign(d, resource, k.id, *self_);  // the index is not signed
  if (k.model == data_model::array) d.value.index = e.index;
  return d;
}

core::awaitable<core::result<outcome>> record_client::store_entry(kind_id id, resource_id resource, kind_entry e,
                                                                  std::chrono::seconds lifetime, core::duration timeout) {
  const auto started = env_.now();
  storage_times::bounds bounds;
  for (int round = 0; round < newer_entry_retries; ++round) {
    const auto* k = find_kind(kinds_, id);
    if (k == nullptr) co_return core::fail(errc::unknown_kind, std::to_string(id));
    const auto seconds = static_cast<std::uint32_t>(std::clamp<std::int64_t>(lifetime.count(), 1, k->lifetime_max));
    auto value = make_entry(*k, resource, e, seconds, times_.next(bounds));
    if (!value) co_return core::fail(value.error());
    store_request body;
    body.resource = resource;
    auto& kd = body.kinds.emplace_back();
    kd.kind = id;
    kd.values.push_back(std::move(*value));
    message_contents m;
    m.code = code::store_req;
    m.body = body.encode();
    const auto got = co_await ask_root(resource, std::move(m), started + timeout);
    if (!got) co_return core::fail(got.error());
    const auto refused = read_error(got->contents);
    if (!refused) co_return outcome_of(resource, *got, started);
    if (!times_.another_may_do(*refused, bounds)) co_return core::fail(to_error(*refused));
  }
  co_return core::fail(errc::data_too_old, "others keep writing to it");
}

core::awaitable<core::result<std::vector<kind_value>>> record_client::fetch_entries(kind_id id, resource_id resource,
                                                                                    core::duration timeout) {
  const auto* k = find_kind(kinds_, id);
  if (k == nullptr) co_return core::fail(errc::unknown_kind, std::to_string(id));
  fetch_request body;
  body.resource = resource;
  body.specifiers.push_back(everything_of(*k));
  message_contents m;
  m.code = code::fetch_req;
  m.body = body.encode(kinds_);
  const auto got = co_await ask_root(resource, std::move(m), env_.now() + timeout);
  if (!got) co_return core::fail(got.error());
  if (const auto refused = read_error(got->contents)) co_return core::fail(to_error(*refused));
  const auto answered = fetch_answer::decode(got->contents.body, kinds_);
  if (got->contents.code != code::fetch_req + 1 || !answered) co_return core::fail(errc::invalid_message, "FetchAns");
  co_return believed(*answered, id, resource, got->contents.certificates);
}

std::vector<kind_value> record_client::believed(const fetch_answer& a, kind_id id, const resource_id& resource,
                                                const certificates& carried) {
  std::vector<kind_value> out;
  const auto* k = find_kind(kinds_, id);
  const auto at = std::ranges::find(a.kinds, id, &fetch_kind_response::kind);
  if (k == nullptr || at == a.kinds.end()) return out;
  for (const auto& d : at->values) {
    if (d.signature.certificate_hash() == nullptr || !d.value.exists) continue;
    const auto signer = judge_.judge(*k, resource, d, carried);
    if (!signer) {
      metrics_.drop("value_refused");
      continue;
    }
    kind_value v;
    v.entry = {d.value.index, d.value.key, d.value.value, true};
    v.signer_node = signer->node();
    v.signer = signer->user();
    v.storage_time_ms = d.storage_time;
    v.lifetime_s = d.lifetime;
    out.push_back(std::move(v));
  }
  return out;
}

core::awaitable<core::result<resource_id>> record_client::find_resource(kind_id id, resource_id near, core::duration timeout) {
  find_request body;
  body.resource = near;
  body.kinds.push_back(id);
  message_contents m;
  m.code = code::find_req;
  m.body = body.encode();
  const auto got = co_await ask_root(near, std::move(m), env_.now() + timeout);
  if (!got) co_return core::fail(got.error());
  if (const auto refused = read_error(got->contents)) co_return core::fail(to_error(*refused));
  const auto answered = find_answer::decode(got->contents.body);
  if (!answered) co_return core::fail(errc::invalid_message, "FindAns");
  const auto at = std::ranges::find(answered->results, id, &std::pair<kind_id, resource_id>::first);
  if (at == answered->results.end() || at->second == resource_id{}) co_return core::fail(errc::not_found, "no resource of this Kind");
  co_return at->second;
}

}  // namespace phyllo::overlay

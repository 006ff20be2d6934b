#include "storage/record_saving.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "phyllo/overlay/record_file.hpp"

namespace phyllo::overlay {

using namespace std::chrono_literals;

namespace {
constexpr std::size_t piece_bytes = 1024 * 1024;  // of one call of the file
constexpr std::size_t judged_at_once = 8;         // values, a millisecond or two, between two turns of the event loop
constexpr std::uint64_t rewrite_at_least = 4 * 1024 * 1024;
constexpr auto retry_after = 10s;
constexpr auto read_on = 5s;  // by a node that is stopped while it reads
}  // namespace

void record_saving::restore() {
  if (options_.file == nullptr || std::exchange(restored_, true)) return;
  share_.set_reading(true);
  reader_.spawn(read_saved());
}

void record_saving::changed(const resource_id& resource) {
  if (options_.file != nullptr) changed_.insert(resource);
}

core::awaitable<void> record_saving::stop() {
  co_await writer_.join();
  read_until_ = env_.now() + read_on;
  co_await reader_.join();
}

core::awaitable<void> record_saving::read_saved() {
  std::map<identity::sha256_digest, identity::certificate> signers;
  const auto kinds = share_.kinds();  // a new document may change them meanwhile
  log_reader log(trust_.overlay_name(), kinds);
  auto end = log_reader::step::more;
  std::size_t taken = 0;
  std::size_t refused = 0;
  for (std::uint64_t offset = 0; end == log_reader::step::more;) {  // ends with the file, or where it can not be read
    const auto piece = co_await options_.file->read(offset, piece_bytes);
    if (!piece) log_.error("records kept are not read: {}", piece.error().message());
    if (!piece || piece->empty()) break;
    offset += piece->size();
    log.add(*piece);
    for (std::size_t i = 1; (end = log.next()) != log_reader::step::more; ++i) {  // ends with the piece, or damage
      if (end == log_reader::step::foreign || end == log_reader::step::damaged) break;
      if (end == log_reader::step::certificate) {
        if (auto c = trust_.read(log.der())) signers.emplace(c->fingerprint(), std::move(*c));
      } else {
        const bool good = end == log_reader::step::value && take_saved(log.value(), signers);
        ++(good ? taken : refused);
      }
      if (i % judged_at_once != 0) continue;
      if (env_.now() >= read_until_) {
        log_.warning("stopped before all records kept were read: the file stays as it was");
        restored_ = false;
        co_return;
      }
      co_await core::sleep_for(env_, 0s);
    }
  }
  if (end == log_reader::step::foreign || end == log_reader::step::damaged) {
    log_.error("the file of kept records is {}; it is set aside, {} records of it are used",
               end == log_reader::step::foreign ? "not one of this overlay and version" : "damaged", taken);
    const auto aside = co_await options_.file->set_aside();
    if (!aside) log_.error("{}", aside.error().message());
  } else if (log.rest() > 0) {
    log_.warning("the last record kept is incomplete: this node was stopped while it wrote");
  }
  if (taken + refused > 0)
    log_.info("kept from before: {} values of {} names; {} values are not used: expired, or not to be believed any more", taken,
              displaced_.count_from_file(), refused);
  saving_at_ = env_.now();
  rewrite_due_ = true;
  share_.set_reading(false);
  writer_.spawn(save_loop());
  share_.alarm().wake();
}

bool record_saving::take_saved(const saved_value& v, const std::map<identity::sha256_digest, identity::certificate>& signers) {
  const auto now_ms = core::unix_milliseconds(env_.wall_now());
  const auto* k = find_kind(share_.kinds(), v.kind);
  const auto* hash = v.data.signature.certificate_hash();
  if (k == nullptr || hash == nullptr || v.expires_ms <= now_ms) return false;
  auto d = v.data;
  // The clock may have been set back meanwhile: never longer than was left when it was written.
  d.lifetime = static_cast<std::uint32_t>(std::min<std::uint64_t>((v.expires_ms - now_ms + 999) / 1000, d.lifetime));
  identity::sha256_digest fingerprint{};
  std::copy_n(hash, fingerprint.size(), fingerprint.begin());
  value_judge::certificates carried;
  if (const auto at = signers.find(fingerprint); at != signers.end()) carried.push_back(at->second);
  const auto signer = judge_.judge(*k, v.resource, d, carried);
  if (!signer || !share_.store().room_for(v.resource, *k, {d}, {signer->user()})) {
    metrics_.drop("value_refused");
    return false;
  }
  share_.store().put(v.resource, v.kind, d, *signer, env_.now(), judge_.order());
  share_.store().raise_generation(v.resource, v.kind, v.generation);
  displaced_.from_file(v.resource);
  return true;
}

core::awaitable<void> record_saving::save_loop() {
  while (true) {  // ends by cancellation
    co_await core::sleep_until(env_, saving_at_);
    saving_at_ = env_.now() + options_.save_every;
    const auto saved = co_await save_all();
    if (saved) continue;
    log_.error("records are not kept: {}", saved.error().message());
    metrics_.drop("records_not_kept");
    saving_at_ = env_.now() + retry_after;
  }
}

core::awaitable<core::status> record_saving::save_all() {
  if (rewrite_due_ || (file_bytes_ > rewrite_at_least && file_bytes_ > 2 * rewritten_bytes_)) co_return co_await rewrite();
  co_return co_await append_changes();
}

core::awaitable<void> record_saving::save() {
  if (options_.file == nullptr || !restored_) co_return;
  const auto saved = co_await append_changes();
  if (!saved) log_.error("records are not kept: {}", saved.error().message());
}

// The resource's values, and what of their signers' certificates the file does not hold yet.
void record_saving::print_saved(core::bytes& out, const resource_id& resource, std::set<identity::sha256_digest>& signers) const {
  const auto now = env_.now();
  const auto now_ms = core::unix_milliseconds(env_.wall_now());
  for (const auto& k : share_.kinds()) {
    for (const auto* v : share_.store().values(resource, k.id)) {
      if (v->lifetime_left(now) == 0) continue;
      if (signers.insert(v->signer.fingerprint()).second) append_certificate(out, v->signer.der());
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(v->expires - now).count();
      append_value(
          out, {resource, k.id, share_.store().generation(resource, k.id), now_ms + static_cast<std::uint64_t>(left), v->passed_on(now)});
    }
  }
}

core::awaitable<core::status> record_saving::append_changes() {
  if (rewrite_due_) co_return co_await rewrite();
  // What a cancelled call took with it is written once more.
  saving_.insert(changed_.begin(), changed_.end());
  changed_.clear();
  std::vector<resource_id> all(saving_.begin(), saving_.end());
  core::bytes piece;
  auto signers = signers_in_file_;
  for (auto at = all.begin(); at != all.end();) {  // ends: each turn takes one
    print_saved(piece, *at++, signers);
    if (piece.empty() || (piece.size() < piece_bytes && at != all.end())) continue;
    file_bytes_ += piece.size();
    const auto written = co_await options_.file->append(std::exchange(piece, {}));
    if (!written) {
      rewrite_due_ = true;  // whatever stands at its end now
      co_return written;
    }
    signers_in_file_ = signers;
  }
  for (const auto& r : all) saving_.erase(r);
  co_return core::status();
}

core::awaitable<core::status> record_saving::rewrite() {
  rewrite_due_ = true;  // until it is done
  std::set<identity::sha256_digest> signers;
  auto piece = encode_log_header(trust_.overlay_name());
  std::uint64_t bytes = 0;
  bool anew = true;
  const auto all = share_.store().resources(whole_ring());
  // All that has changed so far is in it: after a start that is all there is. What changes meanwhile is appended afterwards.
  changed_.clear();
  saving_.clear();
  for (auto at = all.begin(); anew || at != all.end();) {  // ends: each turn takes one
    if (at != all.end()) print_saved(piece, *at++, signers);
    if (piece.size() < piece_bytes && at != all.end()) continue;
    bytes += piece.size();
    const auto written = co_await options_.file->append_to_next(std::exchange(piece, {}), std::exchange(anew, false));
    if (!written) co_return written;
  }
  const auto replaced = co_await options_.file->replace();
  if (!replaced) co_return replaced;
  rewrite_due_ = false;
  file_bytes_ = rewritten_bytes_ = bytes;
  signers_in_file_ = std::move(signers);
  co_return co_await append_changes();
}

}  // namespace phyllo::overlay

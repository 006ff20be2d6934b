#include "phyllo/identity/revocation_list.hpp"

#include <algorithm>
#include <cstring>
#include <map>

#include "phyllo/core/wire.hpp"
#include "phyllo/identity/errc.hpp"

namespace phyllo::identity {
namespace {

constexpr std::size_t leaf_entries_usual = 512;  // more on the average: twice as many leaves
constexpr std::size_t leaf_entries_few = 64;     // fewer: half as many
constexpr std::size_t leaf_entries_max = 1600;   // 32,000 bytes: a leaf goes in one message, and no honest list has one so long
constexpr std::size_t recent_max = 4096;         // changes that are remembered for those who lack only the last

std::unexpected<core::error> malformed_list(const char* what) { return core::fail(errc::malformed_document, what); }

std::size_t leaf_index(const std::uint8_t* key, std::uint8_t bits) {
  return static_cast<std::size_t>(key[0] << 8U | key[1]) >> (16U - bits);
}

bool less(const std::uint8_t* a, const std::uint8_t* b) { return std::memcmp(a, b, node_id::size) < 0; }

std::uint32_t time_at(const std::uint8_t* entry) {
  core::wire_reader r({entry + node_id::size, 4});
  return r.u32();
}

void append(core::bytes& to, const revocation& e) {
  core::wire_writer w(to);
  w.raw(e.key.octets);
  w.u32(e.before);
}

revocation entry_at(const std::uint8_t* p) {
  revocation e;
  std::memcpy(e.key.octets.data(), p, node_id::size);
  e.before = time_at(p);
  return e;
}

// Whole entries, by rising keys, all of that leaf.
bool well_formed(core::byte_view entries, std::size_t index, std::uint8_t bits) {
  if (entries.size() % revocation_bytes != 0 || entries.size() > leaf_entries_max * revocation_bytes) return false;
  for (std::size_t i = 0; i < entries.size(); i += revocation_bytes) {
    const auto* e = entries.data() + i;
    if (leaf_index(e, bits) != index || (i > 0 && !less(e - revocation_bytes, e))) return false;
  }
  return true;
}

// What `after` says and `before` did not, or of an earlier time.
void tell_differences(core::byte_view before, core::byte_view after, std::vector<node_id>& to) {
  std::size_t old = 0;
  for (std::size_t i = 0; i < after.size(); i += revocation_bytes) {
    const auto* e = after.data() + i;
    while (old < before.size() && less(before.data() + old, e)) old += revocation_bytes;
    const bool known = old < before.size() && std::memcmp(before.data() + old, e, node_id::size) == 0;
    if (!known || time_at(before.data() + old) < time_at(e)) to.push_back(entry_at(e).key);
  }
}

}  // namespace

revocation_list::revocation_list() : leaves_(1) { leaves_[0] = make_leaf({}); }

revocation_list::leaf_content revocation_list::make_leaf(core::bytes entries) {
  const auto digest = ring_hash(entries);
  if (entries.empty()) return {nullptr, digest};
  entries.shrink_to_fit();
  return {std::make_shared<const core::bytes>(std::move(entries)), digest};
}

std::vector<revocation> revocation_list::entries() const {
  std::vector<revocation> all;
  all.reserve(size());
  for (const auto& l : leaves_) {
    if (!l.entries) continue;
    for (std::size_t i = 0; i < l.entries->size(); i += revocation_bytes) all.push_back(entry_at(l.entries->data() + i));
  }
  return all;
}

std::optional<std::uint32_t> revocation_list::find(const node_id& key) const noexcept {
  const auto bits = static_cast<std::uint8_t>(std::countr_zero(leaves_.size()));
  const auto& all = leaves_[leaf_index(key.octets.data(), bits)].entries;
  if (!all) return std::nullopt;
  std::size_t low = 0;
  std::size_t high = all->size() / revocation_bytes;
  while (low < high) {  // ends: each turn halves what is between
    const auto middle = (low + high) / 2;
    const auto* e = all->data() + middle * revocation_bytes;
    const auto order = std::memcmp(e, key.octets.data(), node_id::size);
    if (order == 0) return time_at(e);
    (order < 0 ? low : high) = order < 0 ? middle + 1 : middle;
  }
  return std::nullopt;
}

std::uint32_t revocation_list::count(const leaf_table& t) noexcept {
  std::size_t bytes = 0;
  for (const auto& l : t) bytes += l.entries ? l.entries->size() : 0;
  return static_cast<std::uint32_t>(bytes / revocation_bytes);
}

std::size_t revocation_list::size() const noexcept { return count(leaves_); }

core::bytes revocation_list::digests_of(const leaf_table& t) {
  core::bytes out;
  out.reserve(t.size() * node_id::size);
  for (const auto& l : t) core::append(out, l.digest.octets);
  return out;
}

revocation_list::leaf_table revocation_list::redistribute(const leaf_table& from, std::uint8_t bits) {
  if (from.size() == std::size_t{1} << bits) return from;
  std::vector<core::bytes> to(std::size_t{1} << bits);
  for (const auto& l : from) {  // leaves stand in the order of their keys, and so do the new ones
    if (!l.entries) continue;
    for (std::size_t i = 0; i < l.entries->size(); i += revocation_bytes) {
      const auto* e = l.entries->data() + i;
      core::append(to[leaf_index(e, bits)], {e, revocation_bytes});
    }
  }
  leaf_table out;
  out.reserve(to.size());
  for (auto& entries : to) out.push_back(make_leaf(std::move(entries)));
  return out;
}

revocation_list::leaf_table revocation_list::with(const leaf_table& from, std::uint8_t bits, const revocation_delta& d) {
  auto out = redistribute(from, bits);
  std::map<std::size_t, std::map<node_id, std::optional<std::uint32_t>>> by_leaf;
  for (const auto& k : d.removed) by_leaf[leaf_index(k.octets.data(), bits)][k] = std::nullopt;
  for (const auto& e : d.entries) by_leaf[leaf_index(e.key.octets.data(), bits)][e.key] = e.before;
  for (const auto& [index, changes] : by_leaf) {
    core::bytes entries;
    const auto& old = out[index].entries;
    entries.reserve((old ? old->size() : 0) + changes.size() * revocation_bytes);
    auto change = changes.begin();
    const auto put = [&] {
      if (change->second) append(entries, {change->first, *change->second});
      ++change;
    };
    for (std::size_t i = 0; old && i < old->size(); i += revocation_bytes) {
      const auto* e = old->data() + i;
      while (change != changes.end() && less(change->first.octets.data(), e)) put();
      const bool replaced = change != changes.end() && std::memcmp(change->first.octets.data(), e, node_id::size) == 0;
      if (!replaced) core::append(entries, {e, revocation_bytes});
    }
    while (change != changes.end()) put();
    out[index] = make_leaf(std::move(entries));
  }
  return out;
}

bool revocation_list::seek(revocation_head h) {
  if (h.number <= head_.number) return false;
  head_ = std::move(h);
  wanted_.clear();
  return true;
}

core::status revocation_list::apply(const revocation_delta& d) {
  if (d.to != head_.number || d.from > number_ || whole()) return malformed_list("a change that does not lead from here to the head");
  auto changed = with(leaves_, head_.bits, d);
  if (sha256(digests_of(changed)) != head_.root || count(changed) != head_.entries)
    return malformed_list("a change that does not lead to the head's root");
  std::vector<node_id> keys;
  for (const auto& e : d.entries) {
    if (find(e.key).value_or(0) < e.before) keys.push_back(e.key);
  }
  leaves_ = std::move(changed);
  remember({number_, d.to, d.entries, d.removed});
  number_ = head_.number;
  wanted_.clear();
  if (observer_ && !keys.empty()) observer_(keys);
  return {};
}

core::status revocation_list::take_digests(core::byte_view digests) {
  if (whole() || sha256(digests) != head_.root) return malformed_list("digests that are not the head's");
  if (digests.size() != (std::size_t{1} << head_.bits) * node_id::size) return malformed_list("digests for another number of leaves");
  leaves_ = redistribute(leaves_, head_.bits);
  wanted_.clear();
  for (std::size_t i = 0; i < digests.size(); i += node_id::size) {
    node_id digest;
    std::ranges::copy(digests.subspan(i, node_id::size), digest.octets.begin());
    wanted_.push_back(digest);
  }
  settle();
  return {};
}

core::status revocation_list::take_leaf(std::uint16_t index, core::byte_view entries) {
  if (index >= wanted_.size()) return malformed_list("a leaf that nobody asked for");
  if (leaves_[index].digest == wanted_[index]) return {};
  if (ring_hash(entries) != wanted_[index]) return malformed_list("a leaf that is not the head's");
  if (!well_formed(entries, index, head_.bits)) return malformed_list("a leaf that is none");
  std::vector<node_id> keys;
  const auto& old = leaves_[index].entries;
  tell_differences(old ? core::byte_view(*old) : core::byte_view(), entries, keys);
  leaves_[index] = make_leaf(core::to_bytes(entries));
  settle();
  if (observer_ && !keys.empty()) observer_(keys);
  return {};
}

// With the last piece the list is whole; how it came here is not known, so nobody can be told what has changed.
void revocation_list::settle() {
  for (std::size_t i = 0; i < wanted_.size(); ++i) {
    if (leaves_[i].digest != wanted_[i]) return;
  }
  number_ = head_.number;
  wanted_.clear();
  recent_.clear();
  recent_size_ = 0;
}

std::vector<std::uint16_t> revocation_list::lacking() const {
  std::vector<std::uint16_t> out;
  for (std::size_t i = 0; i < wanted_.size(); ++i) {
    if (leaves_[i].digest != wanted_[i]) out.push_back(static_cast<std::uint16_t>(i));
  }
  return out;
}

core::bytes revocation_list::digests() const {
  if (whole()) return digests_of(leaves_);
  core::bytes out;
  for (const auto& d : wanted_) core::append(out, d.octets);
  return out;
}

std::optional<core::byte_view> revocation_list::leaf(std::uint16_t index) const {
  if (index >= leaves_.size()) return std::nullopt;
  if (!whole() && (wanted_.empty() || leaves_[index].digest != wanted_[index])) return std::nullopt;
  const auto& e = leaves_[index].entries;
  return e ? core::byte_view(*e) : core::byte_view();
}

void revocation_list::remember(const revocation_delta& d) {
  recent_size_ += d.size();
  recent_.push_back(d);
  while (!recent_.empty() && recent_size_ > recent_max) {  // ends with room, or with nothing
    recent_size_ -= recent_.front().size();
    recent_.pop_front();
  }
}

std::optional<revocation_delta> revocation_list::since(std::uint64_t number) const {
  if (!whole() || number >= number_ || recent_.empty() || recent_.front().from > number) return std::nullopt;
  std::map<node_id, std::optional<std::uint32_t>> changes;
  for (const auto& d : recent_) {
    if (d.to <= number) continue;
    for (const auto& k : d.removed) changes[k] = std::nullopt;
    for (const auto& e : d.entries) changes[e.key] = e.before;
  }
  revocation_delta out{number, number_, {}, {}};
  for (const auto& [key, before] : changes) {
    if (before) out.entries.push_back({key, *before});
    if (!before) out.removed.push_back(key);
  }
  return out;
}

std::optional<revocation_delta> revocation_list::last_change() const {
  if (!whole() || recent_.empty()) return std::nullopt;
  return recent_.back();
}

core::bytes revocation_list::encode() const {
  core::bytes out;
  if (!whole() || number_ == 0) return out;
  core::wire_writer w(out);
  w.opaque(2, head_.text);
  for (const auto& l : leaves_) w.opaque(2, l.entries ? core::byte_view(*l.entries) : core::byte_view());
  return out;
}

core::byte_view revocation_list::head_of(core::byte_view encoded) {
  core::wire_reader r(encoded);
  return r.opaque(2);
}

core::status revocation_list::load(revocation_head h, core::byte_view encoded) {
  core::wire_reader r(encoded);
  const auto text = r.opaque(2);
  if (!r.ok() || !core::equal(text, h.text) || h.number <= number_) return malformed_list("a kept revocation list");
  leaf_table all;
  for (std::size_t i = 0; i < std::size_t{1} << h.bits; ++i) {
    const auto entries = r.opaque(2);
    if (!r.ok() || !well_formed(entries, i, h.bits)) return malformed_list("a kept revocation list");
    all.push_back(make_leaf(core::to_bytes(entries)));
  }
  if (!r.done() || sha256(digests_of(all)) != h.root || count(all) != h.entries) return malformed_list("a kept revocation list");
  std::vector<node_id> keys;
  for (const auto& l : all) {
    if (l.entries) tell_differences({}, *l.entries, keys);
  }
  leaves_ = std::move(all);
  number_ = h.number;
  head_ = std::move(h);
  wanted_.clear();
  recent_.clear();
  recent_size_ = 0;
  if (observer_ && !keys.empty()) observer_(keys);
  return {};
}

std::optional<revocation_list::next> revocation_list::succeed(std::vector<revocation> wanted, std::uint64_t number,
                                                              std::string_view overlay, const credential& signer) const {
  std::ranges::sort(wanted, {}, [](const revocation& e) { return std::pair(e.key, ~e.before); });
  const auto twice = std::ranges::unique(wanted, {}, &revocation::key);
  wanted.erase(twice.begin(), twice.end());
  if (wanted.size() > revocations_max) return std::nullopt;
  revocation_delta d{number_, std::max(number, head_.number + 1), {}, {}};
  auto at = wanted.begin();
  for (const auto& l : leaves_) {  // both by rising keys
    for (std::size_t i = 0; l.entries && i < l.entries->size(); i += revocation_bytes) {
      const auto old = entry_at(l.entries->data() + i);
      while (at != wanted.end() && at->key < old.key) d.entries.push_back(*at++);
      if (at == wanted.end() || at->key != old.key) {
        d.removed.push_back(old.key);
      } else if (const auto& e = *at++; e.before != old.before) {
        d.entries.push_back(e);
      }
    }
  }
  d.entries.insert(d.entries.end(), at, wanted.end());
  if (d.empty() && number_ != 0 && whole()) return std::nullopt;
  auto bits = static_cast<std::uint8_t>(std::countr_zero(leaves_.size()));
  while (bits < revocation_bits_max && wanted.size() > leaf_entries_usual << bits) ++bits;
  while (bits > 0 && wanted.size() < leaf_entries_few << bits) --bits;
  revocation_head h;
  h.overlay = overlay;
  h.number = d.to;
  h.entries = static_cast<std::uint32_t>(wanted.size());
  h.bits = bits;
  h.root = sha256(digests_of(with(leaves_, bits, d)));
  return next{sign_revocation_head(std::move(h), signer), std::move(d)};
}

}  // namespace phyllo::identity

#include "storage/fetch_message.hpp"

#include <algorithm>
#include <set>

#include "phyllo/overlay/errc.hpp"
namespace phyllo::overlay {
namespace {

constexpr std::size_t values_max = 4096;  // of one answer: its length bounds it further

void write_specifier(core::wire_writer& w, const data_specifier& s, data_model model) {
  w.u32(s.kind);
  w.u64(s.generation);
  const auto rest = w.open(2);
  if (model != data_model::single) {
    const auto list = w.open(2);
    for (const auto& [first, last] : s.ranges) {
      w.u32(first);
      w.u32(last);
    }
    for (const auto& key : s.keys) w.opaque(2, key);
    w.close(list);
  }
  w.close(rest);
}

bool overlap(std::vector<std::pair<std::uint32_t, std::uint32_t>> ranges) {
  std::ranges::sort(ranges);
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    if (ranges[i].first > ranges[i].second) return true;
    if (i > 0 && ranges[i].first <= ranges[i - 1].second) return true;
  }
  return false;
}

data_specifier read_specifier(core::wire_reader& r, kind_table kinds, std::vector<kind_id>& unknown) {
  data_specifier s;
  s.kind = r.u32();
  s.generation = r.u64();
  core::wire_reader rest(r.opaque(2));
  const auto* known = find_kind(kinds, s.kind);
  if (known == nullptr) {
    unknown.push_back(s.kind);
    return s;
  }
  if (known->model == data_model::single) {
    if (!rest.empty()) r.fail();
    return s;
  }
  core::wire_reader list(rest.opaque(2));
  while (!list.empty()) {
    if (known->model == data_model::array) {
      const auto first = list.u32();
      s.ranges.emplace_back(first, list.u32());
    } else {
      s.keys.push_back(core::to_bytes(list.opaque(2)));
    }
  }
  if (!list.done() || !rest.done() || overlap(s.ranges)) r.fail();
  return s;
}

void write_metadata(core::wire_writer& w, const stored_metadata& m) {
  const auto rest = w.open(4);
  w.u64(m.storage_time);
  w.u32(m.lifetime);
  if (m.model == data_model::array) w.u32(m.index);
  if (m.model == data_model::dictionary) w.opaque(2, m.key);
  w.u8(m.exists ? 1 : 0);
  w.u32(m.length);
  w.u8(m.hash_algorithm);
  w.opaque(1, m.hash);
  w.close(rest);
}

stored_metadata read_metadata(core::wire_reader& whole, data_model model) {
  core::wire_reader r(whole.opaque(4));
  stored_metadata m;
  m.storage_time = r.u64();
  m.lifetime = r.u32();
  m.model = model;
  if (model == data_model::array) m.index = r.u32();
  if (model == data_model::dictionary) m.key = core::to_bytes(r.opaque(2));
  const auto exists = r.u8();
  m.exists = exists == 1;
  m.length = r.u32();
  m.hash_algorithm = r.u8();
  m.hash = core::to_bytes(r.opaque(1));
  if (exists > 1 || !r.done()) whole.fail();
  return m;
}

// The common frame of FetchAns and StatAns: a list of (kind, generation, values).
template <class Answer, class WriteValue>
core::bytes encode_kinds(const Answer& answer, WriteValue write) {
  core::bytes body;
  core::wire_writer w(body);
  const auto all = w.open(4);
  for (const auto& k : answer.kinds) {
    w.u32(k.kind);
    w.u64(k.generation);
    const auto values = w.open(4);
    for (const auto& v : k.values) write(w, v);
    w.close(values);
  }
  w.close(all);
  return body;
}

template <class Answer, class ReadValue>
core::result<Answer> decode_kinds(core::byte_view body, kind_table kinds, ReadValue read) {
  core::wire_reader r(body);
  core::wire_reader all(r.opaque(4));
  Answer answer;
  std::size_t count = 0;
  while (!all.empty()) {
    auto& k = answer.kinds.emplace_back();
    k.kind = all.u32();
    k.generation = all.u64();
    core::wire_reader values(all.opaque(4));
    const auto* known = find_kind(kinds, k.kind);
    if (known == nullptr) return core::fail(errc::invalid_message);
    while (!values.empty() && ++count <= values_max) k.values.push_back(read(values, known->model));
    if (!values.done()) return core::fail(errc::invalid_message);
  }
  if (!all.ok() || !r.done()) return core::fail(errc::invalid_message);
  return answer;
}

}  // namespace

core::bytes fetch_request::encode(kind_table kinds) const {
  core::bytes body;
  core::wire_writer w(body);
  write_resource(w, resource);
  const auto all = w.open(2);
  for (const auto& s : specifiers) {
    const auto* known = find_kind(kinds, s.kind);
    write_specifier(w, s, known == nullptr ? data_model::single : known->model);
  }
  w.close(all);
  return body;
}

core::result<fetch_request> fetch_request::decode(core::byte_view body, kind_table kinds) {
  core::wire_reader r(body);
  fetch_request request;
  request.resource = read_resource(r);
  core::wire_reader all(r.opaque(2));
  std::set<kind_id> seen;
  while (!all.empty()) {
    auto s = read_specifier(all, kinds, request.unknown);
    if (!seen.insert(s.kind).second) return core::fail(errc::invalid_message);
    if (find_kind(kinds, s.kind) != nullptr) request.specifiers.push_back(std::move(s));
  }
  if (!all.ok() || !r.done()) return core::fail(errc::invalid_message);
  return request;
}

bool asks_for(const data_specifier& s, const data_value& v) {
  if (v.model == data_model::single) return true;
  if (v.model == data_model::dictionary) return s.keys.empty() || std::ranges::find(s.keys, v.key) != s.keys.end();
  return std::ranges::any_of(s.ranges, [&](const auto& r) { return r.first <= v.index && v.index <= r.second; });
}

data_specifier with_final_element(data_specifier s, std::optional<std::uint32_t> array_end) {
  constexpr std::uint32_t final_element = 0xffffffff;
  for (auto& [first, last] : s.ranges) {
    if (array_end && first == final_element) first = *array_end;
  }
  return s;
}

data_specifier everything_of(const kind& k) {
  data_specifier s;
  s.kind = k.id;
  if (k.model == data_model::array) s.ranges.emplace_back(0, 0xffffffff);
  return s;
}

std::vector<stored_data> missing_from(const data_specifier& s, data_model model, const std::vector<stored_data>& found,
                                      std::optional<std::uint32_t> array_end) {
  std::vector<stored_data> out;
  const auto has = [&](const auto& is) { return std::ranges::any_of(found, [&](const stored_data& d) { return is(d.value); }); };
  if (model == data_model::single && found.empty()) out.push_back(nonexistent(model, {}));
  if (model == data_model::dictionary) {
    for (const auto& key : s.keys) {
      if (!has([&](const data_value& v) { return v.key == key; })) out.push_back(nonexistent(model, key));
    }
  }
  if (model != data_model::array || !array_end) return out;
  std::set<std::uint32_t> known;
  for (const auto& d : found) known.insert(d.value.index);
  for (const auto& [first, last] : s.ranges) {
    for (std::uint64_t i = first; i <= std::min(last, *array_end) && out.size() < gaps_max; ++i) {
      if (known.contains(static_cast<std::uint32_t>(i))) continue;
      out.push_back(nonexistent(model, {}));
      out.back().value.index = static_cast<std::uint32_t>(i);
    }
  }
  return out;
}

core::bytes fetch_answer::encode() const {
  return encode_kinds(*this, [](core::wire_writer& w, const stored_data& v) { v.write(w); });
}

core::result<fetch_answer> fetch_answer::decode(core::byte_view body, kind_table kinds) {
  return decode_kinds<fetch_answer>(body, kinds, [](core::wire_reader& r, data_model m) { return stored_data::read(r, m); });
}

stored_metadata stored_metadata::of(const stored_data& d, std::uint32_t lifetime) {
  core::bytes value;
  core::wire_writer vw(value);
  vw.opaque(4, d.value.value);
  const auto hash = identity::sha256(value);
  stored_metadata m;
  m.storage_time = d.storage_time;
  m.lifetime = lifetime;
  m.model = d.value.model;
  m.index = d.value.index;
  m.key = d.value.key;
  m.exists = d.value.exists;
  m.length = static_cast<std::uint32_t>(d.value.value.size());
  m.hash.assign(hash.begin(), hash.end());
  return m;
}

core::bytes stat_answer::encode() const { return encode_kinds(*this, write_metadata); }

core::result<stat_answer> stat_answer::decode(core::byte_view body, kind_table kinds) {
  return decode_kinds<stat_answer>(body, kinds, read_metadata);
}

core::bytes find_request::encode() const {
  core::bytes body;
  core::wire_writer w(body);
  write_resource(w, resource);
  const auto list = w.open(1);
  for (const auto k : kinds) w.u32(k);
  w.close(list);
  return body;
}

core::result<find_request> find_request::decode(core::byte_view body) {
  core::wire_reader r(body);
  find_request request;
  request.resource = read_resource(r);
  core::wire_reader list(r.opaque(1));
  std::set<kind_id> seen;
  while (!list.empty()) {
    request.kinds.push_back(list.u32());
    if (!seen.insert(request.kinds.back()).second) return core::fail(errc::invalid_message);
  }
  if (!list.ok() || !r.done()) return core::fail(errc::invalid_message);
  return request;
}

core::bytes find_answer::encode() const {
  core::bytes body;
  core::wire_writer w(body);
  const auto all = w.open(2);
  for (const auto& [kind, closest] : results) {
    w.u32(kind);
    write_resource(w, closest);
  }
  w.close(all);
  return body;
}

core::result<find_answer> find_answer::decode(core::byte_view body) {
  core::wire_reader r(body);
  core::wire_reader all(r.opaque(2));
  find_answer answer;
  while (!all.empty()) {
    const auto kind = all.u32();
    answer.results.emplace_back(kind, read_resource(all));
  }
  if (!all.ok() || !r.done()) return core::fail(errc::invalid_message);
  return answer;
}

}  // namespace phyllo::overlay

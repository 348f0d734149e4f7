"""The scenario that `realpolitik new` writes: complete, small, and every kind of row explained where it stands."""

STARTER = """# A small, complete scenario. Change the names and numbers; keep a reason for each row.
# A number may have a range: {{ value = 0.5, low = 0.2, high = 0.8 }}.

[meta]
title = "{title}"
question = "Does the patron's garrison leave, and for what?"
start = "2025-01"
end = "2029-12"
sources = ["Invented, to start from"]

[theory]
phi = 1.0        # how much leverage counts
sigma = 0.2      # how actors misperceive it
noise = 0.05     # how unsteady decisions are
patience = 6     # months before a refused move is tried again

[claims.C1]
text = "A patron that comes to depend on its host gives up its garrison"
paragraph = "my notes, page 1"

[actors.Patron]
label = "the Patron"
role = "keeps a garrison abroad"
capability = 3.0

[actors.Host]
label = "the Host"
role = "wants the garrison gone"
capability = 1.0

[issues.garrison]
label = "The garrison"
low = "gone"
high = "stands"
start = 1.0
reason = "It has stood for years"
assumption = true

[issues.tariff]
label = "Transit tariff"
low = "free"
high = "prohibitive"
start = 0.5
reason = "The Host can lower it"
assumption = true

[drivers.sanctions]
label = "Sanctions on the Patron"
path = {{ "2025-06" = 0.0, "2026-12" = {{ value = 0.8, low = 0.4, high = 1.0 }} }}
reason = "They tighten over eighteen months"
assumption = true

[dependence.transit]             # who relies on whom: what would be lost, and what else there is
dependent = "Patron"
provider = "Host"
channel = "transit of goods"
stake = {{ value = 0.8, low = 0.4, high = 1.2 }}
alternatives = 0.8
effects = {{ sanctions = -0.8 }}
reason = "Other routes close as sanctions tighten"
claims = ["C1"]

[dependence.force]
dependent = "Host"
provider = "Patron"
channel = "forbearance"
stake = 0.6
alternatives = 0.2
effects = {{ sanctions = 0.5 }}
reason = "The Patron could use force, less so when it is busy"
assumption = true

[interests.patron_garrison]      # who wants what, and how much
actor = "Patron"
issue = "garrison"
position = 1.0
salience = {{ value = 0.35, low = 0.2, high = 0.5 }}
reason = "A garrison is influence"
assumption = true

[interests.patron_tariff]
actor = "Patron"
issue = "tariff"
position = 0.0
salience = 0.3
reason = "It pays the tariff"
assumption = true

[interests.host_garrison]
actor = "Host"
issue = "garrison"
position = 0.0
salience = 0.7
reason = "It wants its land to itself"
claims = ["C1"]

[interests.host_tariff]
actor = "Host"
issue = "tariff"
position = 0.7
salience = 0.4
reason = "It earns the tariff"
assumption = true

[moves.withdraw]                 # what an actor can do: alone, by consent, or for a payment
actor = "Patron"
label = "withdraws the garrison"
changes = {{ garrison = {{ to = 0.0 }} }}
cost = 0.05
reason = "An order is enough"
assumption = true

[moves.sell]
actor = "Patron"
label = "trades the garrison for a lower tariff"
changes = {{ garrison = {{ to = 0.0 }} }}
consent = ["Host"]
payment = {{ from = "Host", changes = {{ tariff = {{ by = -0.4 }} }}, fallback = "withdraw" }}
cost = 0.02
reason = "The same, for a price"
assumption = true

[outcomes.withdrawal]            # what to watch for
label = "The garrison leaves"
when = {{ garrison = {{ below = 0.1 }} }}

[outcomes.price]
label = "Price of the withdrawal (0 if unpaid)"
at = "withdrawal"
measure = "price:sell"

[outcomes.crossover]
label = "The Host holds more leverage than the Patron"
when = {{ "Host>Patron" = {{ above = "Patron>Host" }} }}
"""

"""The words that runs are called by: easy to say, hard to mistake for one another."""

from __future__ import annotations

__all__ = ["ADJECTIVES", "ANIMALS"]

_ADJECTIVES = """
    able agile airy amber ample apt arctic ashen autumn azure balmy bold brave breezy brief bright brisk bronze calm
    candid careful chalky cheery chilly civil clear clever cloudy coastal cobalt cool copper coral cosmic cozy
    crimson crisp curious dapper daring dawn deep deft dewy distant dreamy dry dusky dusty eager early earnest easy
    ebony elder elegant emerald even fabled fair faithful famous fancy fearless fine firm fleet fluent fond frank
    free fresh friendly frosty gallant gentle gilded glad gleaming glossy golden good graceful grand granite grassy
    grateful great green hale handy happy hardy hazel hazy hearty hidden hollow honest humble icy indigo inland iron
    ivory jade jolly jovial keen kind lasting lavender leafy light lilac lively loyal lucid lucky lunar magic major
    maple marble marine mellow merry mighty mild mint misty modest mossy muted narrow native navy neat nimble noble
    northern oaken ochre olive open orange orderly outer pale patient pearl peppy placid plain plucky polar polite
    proud prudent purple quick quiet radiant rapid rare ready regal rosy round royal ruby rustic sage sandy scarlet
    secret serene sharp shiny silent silver simple sincere sleek slender smooth snowy social solar solid spry stable
    steady stellar still stony sturdy subtle sunny swift tawny teal tender tidal tidy timely topaz tranquil trusty
    upbeat urban valiant velvet verdant vital vivid warm western white wild windy winter wise witty wooden young
    zesty
"""

_ANIMALS = """
    adder albatross alpaca anchovy anole ant anteater antelope ape armadillo auk avocet axolotl badger barbet
    barracuda bass bat bear beaver bee beetle bison bittern boar bobcat bonobo buffalo bunting bustard butterfly
    buzzard camel canary capybara caracal cardinal caribou carp cat catfish cheetah chickadee chinchilla chipmunk
    cicada civet clam cobra cod condor coot cormorant cougar cow coyote crab crane cricket crow cuckoo curlew deer
    dingo dipper dog dolphin donkey dormouse dove dragonfly duck dugong dunlin eagle echidna eel egret eland
    elephant elk emu ermine falcon ferret finch firefly flamingo flounder fox frog gannet gazelle gecko gerbil
    gibbon giraffe gnu goat goldfinch goose gopher grackle grebe grouse gull guppy haddock hamster hare harrier hawk
    hedgehog heron herring hippo hoopoe hornet horse hyena ibex ibis iguana impala jackal jackdaw jaguar jay
    kangaroo kestrel kingfisher kite kiwi koala kudu lamprey lapwing lark lemming lemur leopard limpet linnet lion
    lizard llama lobster loon lynx macaw magpie mallard manatee mantis marlin marmot marten meerkat mink minnow mole
    mongoose moose moth mouse mule muskrat narwhal newt nightjar nuthatch ocelot octopus okapi opossum orca oriole
    oryx osprey ostrich otter owl ox oyster panda pangolin panther parrot partridge pelican penguin perch petrel
    pheasant pika pike pipit plover pony porcupine possum puffin puma quail quokka rabbit raccoon raven redwing
    reindeer rhino robin rook salmon sandpiper seal serval shark sheep shrew skink skunk skylark sloth snail snipe
    sparrow squid squirrel starling stoat stork swallow swan tapir tern thrush tiger toad toucan trout turtle vole
    walrus warbler weasel whale wolf wombat wren yak zebra
"""

ADJECTIVES: tuple[str, ...] = tuple(_ADJECTIVES.split())
ANIMALS: tuple[str, ...] = tuple(_ANIMALS.split())
